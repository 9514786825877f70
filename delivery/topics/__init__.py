"""Topics as documents that people write: reading, checking, writing and saying them. Pure."""

from delivery.blame import Fault
from delivery.topics.checks import Known
from delivery.topics.document import TopicError, as_document, read, read_toml
from delivery.topics.sentences import chain, sentences

__all__ = [
    "Fault",
    "Known",
    "TopicError",
    "as_document",
    "chain",
    "read",
    "read_toml",
    "sentences",
]
