"""Audiences as documents that people write: reading, saying, checking one recipient. Pure."""

from delivery.audiences.document import AudienceError, as_audience, read, read_toml
from delivery.audiences.resolving import Saved, condition_of, fit, resolved, users
from delivery.audiences.sentences import sentence
from delivery.audiences.why import Answer, verdicts, why
from delivery.audiences.writing import as_toml

__all__ = [
    "Answer",
    "AudienceError",
    "Saved",
    "as_audience",
    "as_toml",
    "condition_of",
    "fit",
    "read",
    "read_toml",
    "resolved",
    "sentence",
    "users",
    "verdicts",
    "why",
]
