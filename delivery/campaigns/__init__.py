"""Campaigns: their documents, who gets what in them, when; what their numbers mean. Pure."""
