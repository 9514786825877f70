"""What mail systems write when they could not deliver."""

from tests.unit.bounces.letters import COPY

A, B = "anna@example.com", "bo@example.org"
COPIED = COPY.format(recipient=A)


QMAIL = f"""Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{A}>:
192.0.2.7 does not like recipient.
Remote host said: 550 sorry, no mailbox here by that name
Giving up on 192.0.2.7.

<{B}>:
Sorry, I couldn't find any host named example.org. (#5.1.2)

--- Below this line is a copy of the message.

{COPIED}"""


EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {A}
    SMTP error from remote mail server after RCPT TO:<{A}>:
    host mx.example.com [192.0.2.9]: 550 5.1.1 <{A}>:
    Recipient address rejected: User unknown in virtual mailbox table
  {B}
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

{COPIED}"""


EXIM_LATE = f"""This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.org.

The address to which the message has not yet been delivered is:

  {A}

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals.
"""


DOMINO = f"""Your message

  Subject: Invoice

was not delivered to:

  {A}

because:

  User anna ({A}) not listed in Domino Directory
"""


EXCHANGE_55 = f"""Your message

  To:      {A}
  Subject: Invoice
  Sent:    Mon, 1 Jun 2026 10:00:00 +0000

did not reach the following recipient(s):

{A} on Mon, 1 Jun 2026 10:00:05 +0000
    The recipient name is not recognized
    The MTS-ID of the original message is: c=us;a= ;p=x;l=X0000
    MSEXCH:IMS:X:Y:Z 0 (000C05A6) Unknown Recipient
"""


EXCHANGE_2016 = f"""Delivery has failed to these recipients or groups:

Anna ({A})
The e-mail address you entered couldn't be found. Please check the recipient's
e-mail address and try to resend the message.

Diagnostic information for administrators:

Generating server: ex.example.org

{A}
Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'

Original message headers:

{COPIED}"""


SENDMAIL_8 = f"""The original message was received at Mon, 1 Jun 2026 10:00:00 GMT
from app.example.net [192.0.2.4]

   ----- The following addresses had permanent fatal errors -----
<{A}>
    (reason: 550 5.1.1 <{A}>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> DATA
<<< 550 5.1.1 <{A}>... User unknown
550 5.1.1 <{A}>... User unknown
<<< 503 5.0.0 Need RCPT (recipient)

   ----- Message header follows -----

{COPIED}"""


SENDMAIL_5 = f"""   ----- Transcript of session follows -----
>>> RCPT To:<{A}>
<<< 550 <{A}>... User unknown
550 <{A}>... User unknown
554 <{B}>... 550 Host unknown (Name server: example.org: host not found)

   ----- Unsent message follows -----
{COPIED}"""


POSTFIX = f"""This is the mail system at host mx.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<{A}>: host mx.example.com[192.0.2.9] said: 552 5.2.2 Mailbox
    is full (in reply to RCPT TO command)

<{B}>: Host or domain name not found. Name service error for
    name=example.org type=AAAA: Host not found
"""


GMAIL = f"""Delivery to the following recipient failed permanently:

     {A}

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the
recipient domain example.com by mx.example.com. [192.0.2.9].

The error that the other server returned was:
550 5.1.1 <{A}>: Recipient address rejected: User unknown in relay recipient table

----- Original message -----

{COPIED}"""


CARRIER = f"""Your mail sent on: Mon, 1 Jun 2026 19:00:00 +0900
     Could not be delivered to: <{A}>
     As their mailbox is full.
"""


SMTP32 = f"User mailbox exceeds allowed size: {A}\n\nOriginal message follows.\n\n{COPIED}"


MDAEMON = f"""The following addresses had permanent fatal errors -
<{A}>

Session Transcript:
 Mon 2026-06-01 10:00:00: --> RCPT To:<{A}>
 Mon 2026-06-01 10:00:00: <-- 550 5.1.1 <{A}>: user unknown
"""


COURIER = f"""This is a delivery status notification from mx.example.org,
running the Courier mail server, version 1.0.

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<{A}>:
    mx.example.com [192.0.2.9]:
>>> RCPT TO:<{A}>
<<< 550 User unknown.
"""


GROUPWISE = f"""The message that you sent was undeliverable to the following:
\tanna ({A}) The mailbox is full
"""


MAILMAN = f"""Your mail to 'News' with the subject 'Invoice' was rejected:
you are not a member of this mailing list <{A}>.
"""


JAMES = f"""Hi. This is the James mail server at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.  Below
I include the list of recipients and the reason why I was unable to deliver
your message.

Recipient list:
  {A}

Error message below:
550 5.1.1 - Requested action not taken: no such user here

Message details:
  Subject: Invoice
"""


MAILMARSHAL = f"""Your message:
   From:    news@example.net
   Subject: Invoice

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    {A}
"""


REASON_ABOVE = f"""------- Failure Reasons  --------

User not listed in public Name & Address Book
{A}

------- Returned Message --------
{COPIED}"""


ONE_ERROR = f"""We had trouble delivering your message. Full details follow:

1 error(s):

SMTP Server <mx.example.com> rejected recipient <{A}>
  (Error following RCPT command). It responded as follows: [550 5.1.1 Unknown user]
"""


HMAIL = f"""Your message did not reach some or all of the intended recipients.

The following recipient(s) could not be reached:

{A}
   Error Type: SMTP
   hMailServer sent: RCPT TO:<{A}>
   Remote server replied: 550 User unknown
"""


OF_SIZE = f"""A message that you sent could not be delivered to one or more of
its recipients. The following addresses failed:

<{A}>

For the following reason:

Mail size limit exceeded. For explanation visit https://mail.example.org/errors

--- The header of the original message is following. ---

{COPIED}"""


GERMAN = f"""Ihre Nachricht konnte nicht zugestellt werden an:

  {A}
    Empfänger unbekannt
"""


JAPANESE = f"""以下の宛先に配信できませんでした。

<{A}>: 宛先のメールアドレスが見つかりませんでした。
"""


FML = f"""You are not a member of this mailing list <{A}>.

If you know the general guide of this list, please send mail to the address

\tnews-ctl@example.com
"""


FROM_INVALID = f"""This message was created automatically by mail delivery software.

  {A}
    host mx.example.com [192.0.2.9]
    SMTP error from remote mail server after end of data:
    550 5.2.0 <news@example.net> From:
    Domain is invalid. Please provide a valid From:
    IB506
"""
