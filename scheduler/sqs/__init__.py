"""Amazon SES's events out of an SQS queue, for installations that no webhook reaches.

The little of AWS that this needs (SQS's JSON protocol, Signature Version 4, the usual places of
credentials) is spoken here: botocore wants another python-dateutil than pandas does.
"""
