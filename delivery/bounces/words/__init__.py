"""What servers say, as reasons. Asked from the top; the first row that is found decides.

Texts come without addresses, links and host names, in lower case, on one line. Add a phrase to its
tuple and a sample to `tests/unit/bounces/test_words.py`. A phrase speaks of a thing in words that
other servers could use too: no host names, no whole sentences.
"""

import re
from collections.abc import Iterator

from delivery.bounces.reports import Reason
from delivery.bounces.words import journey, mailbox, sender

_ROWS: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    (Reason.CONTENT, sender.TOO_LARGE),
    (Reason.QUOTA, mailbox.FULL),
    (Reason.TRANSIENT, journey.LATER),
    (Reason.POLICY, sender.SENDER),
    (Reason.MOVED, mailbox.MOVED),
    (Reason.INACTIVE, mailbox.INACTIVE),
    (Reason.BAD_DOMAIN, journey.NO_DOMAIN),
    (Reason.INVALID_RECIPIENT, mailbox.NOBODY),
    (Reason.REFUSED, mailbox.REFUSED),
    (Reason.REPUTATION, sender.STANDING),
    (Reason.CONTENT, sender.CONTENT),
    (Reason.POLICY, sender.RULES),
    (Reason.PROTOCOL, journey.PROTOCOL),
    (Reason.TRANSIENT, journey.ROAD),
)

_COMPILED = tuple((reason, re.compile("|".join(patterns))) for reason, patterns in _ROWS)


def reasons_in(said: str) -> Iterator[Reason]:
    """The reasons whose words are in a text, most telling first."""
    return (reason for reason, pattern in _COMPILED if pattern.search(said))
