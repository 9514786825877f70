"""What a mail that came back means: feedback about deliveries, or a wish for no more. Pure.

Whose delivery it is about says an address with a MAC, and nothing else: the one it was sent to,
or where that names none (a receiver's complaint) the return path in the copy it brings. Other ids
in a mail can be written by anybody; what has only those is kept and matched with nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from delivery.bounces.evidence import addresses_in
from delivery.bounces.mime import LONGEST_MAIL, split, values
from delivery.bounces.reading import read
from delivery.bounces.reports import Kind as Word, Reading, Reason, Report
from delivery.posts.words import BOUNCES, kept, text_of
from delivery.returns.addresses import Bounces, OptOut, Return, ReturnKeys, genuine
from models.records import Bounce, Feedback, Kind

VENDOR = "mail"
"""What stands in feedback where a vendor's name does."""
KEPT = 16 * 1024
"""Octets of a mail that are kept with its feedback."""
_MOST_REPORTS = 20
"""Reports of one mail that are kept: it is about one message."""

_KINDS: Mapping[Word, Kind] = {
    Word.HARD: Kind.BOUNCED,
    Word.SOFT: Kind.BOUNCED,
    Word.COMPLAINT: Kind.COMPLAINED,
    Word.DELAYED: Kind.DEFERRED,
    Word.DELIVERED: Kind.DELIVERED,
    Word.AUTOREPLY: Kind.AUTORESPONDED,
    Word.UNKNOWN: Kind.UNKNOWN,
}
_BOUNCES: Mapping[Reason, Bounce] = {**BOUNCES, Reason.REFUSED: Bounce.REFUSED}
"""What follows is decided by the reason: there is no vendor whose word could count instead."""
_WRITTEN_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
"""Headers that name whom a mail was sent to; the first of them by the one who delivered it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where mail comes back to: the domain, and the keys of its addresses."""

    domain: str
    keys: ReturnKeys


@dataclass(frozen=True, slots=True)
class Returned:
    """A mail as it came in.

    Attributes:
        unsent: It has no return path of its own, as bounces have none: nobody wrote it.
        to: What the genuine addresses say that it was sent to.
        raw: With its headers.
    """

    unsent: bool
    to: tuple[Return, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Meaning:
    """What follows from a mail.

    Attributes:
        feedback: To be folded.
        wishes: To be kept as choices.
        event_id: SHA-256 of the mail: the same when it comes again.
        at: When it came.
        raw: What is kept of it.
    """

    feedback: tuple[Feedback, ...]
    wishes: tuple[OptOut, ...]
    event_id: str
    at: datetime
    raw: str


def found(raw: bytes, place: Place) -> Returned:
    """A mail that was fetched from a mailbox: its headers tell what its envelope was."""
    headers, _ = split(raw[:LONGEST_MAIL].replace(b"\r\n", b"\n"))
    written_to = addresses_in(" ".join(values(headers, *_WRITTEN_TO)))
    senders = values(headers, "return-path")
    return Returned(
        unsent=bool(senders) and not addresses_in(senders[0]),
        to=genuine(written_to, place.domain, place.keys),
        raw=raw,
    )


def meaning(mail: Returned, place: Place, now: datetime) -> Meaning:
    """What a mail means; the same mail always means the same.

    Args:
        mail: As it came.
        place: Whose addresses are genuine.
        now: When it came.
    """
    reading = read(mail.raw)
    event_id = sha256(mail.raw[:LONGEST_MAIL]).hexdigest()
    wishes = tuple(one for one in mail.to if isinstance(one, OptOut))
    wishes = wishes if _is_a_wish(mail, reading) else ()
    about = [one.delivery_id for one in mail.to if isinstance(one, Bounces)]
    if not about and not wishes:
        about = _brought(reading, place)[:1]
    told = () if wishes and not about else tuple(_feedback(mail.raw, reading, about, now))
    return Meaning(told, wishes, event_id, now, _text(mail.raw))


def _is_a_wish(mail: Returned, reading: Reading) -> bool:
    """Whether a person may have written it: programs that answer wish for nothing."""
    return not mail.unsent and not reading.reports


def _brought(reading: Reading, place: Place) -> list[UUID]:
    """Deliveries whose genuine return path stands in the copy that a mail brings."""
    said = genuine(reading.origins.return_paths, place.domain, place.keys)
    return [one.delivery_id for one in said if isinstance(one, Bounces)]


def _feedback(
    raw: bytes, reading: Reading, about: Sequence[UUID], now: datetime
) -> Iterator[Feedback]:
    reports: Sequence[Report | None] = reading.reports[:_MOST_REPORTS] or [None]
    deliveries: Sequence[UUID | None] = about or [None]
    for delivery in deliveries:
        name = (b"" if delivery is None else delivery.bytes) + raw[:LONGEST_MAIL]
        for number, report in enumerate(reports):
            yield Feedback(
                vendor=VENDOR,
                event_id=sha256(name).hexdigest() + (f":{number}" if number else ""),
                kind=Kind.UNKNOWN if report is None else _KINDS[report.kind],
                occurred_at=now,
                delivery_id=delivery,
                # Whoever writes a report can name anybody in it: we know whom we wrote to.
                recipient=None,
                bounce=_why(report),
                text=None if report is None else text_of(report.diagnostic),
                raw=kept(_evidence(raw, report, number)),
            )


def _evidence(raw: bytes, report: Report | None, number: int) -> dict[str, Any]:
    """What is kept as it came: the mail itself with the first of its reports."""
    said = {"report": None if report is None else asdict(report)}
    return said if number else {**said, "mail": _text(raw)}


def _text(raw: bytes) -> str:
    return raw[:KEPT].decode("utf-8", "replace").replace("\0", "\ufffd")


def unmatched(said: Meaning, mail: str | None) -> Feedback:
    """A wish whose recipient or category is gone.

    Args:
        said: What the mail meant.
        mail: What is kept of it; of a recipient who is gone, perhaps erased, nothing.
    """
    raw = None if mail is None else kept({"mail": mail})
    return Feedback(
        VENDOR, said.event_id, Kind.UNSUBSCRIBED, said.at, None, None, None, None, raw
    )  # fmt: skip


def _why(report: Report | None) -> Bounce | None:
    if report is None or _KINDS[report.kind] not in {Kind.BOUNCED, Kind.DEFERRED}:
        return None
    return _BOUNCES.get(report.reason, Bounce.UNKNOWN)
