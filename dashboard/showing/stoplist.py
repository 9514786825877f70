"""Which suppressions a URL asks for, and how one is told. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from dashboard.changing.stops import Ending, SuppressionPosition, SuppressionsWanted
from dashboard.page import Query
from dashboard.showing.words import duration, label, masked
from delivery.consent.suppressing import spellings
from delivery.ports import Channel
from models.pseudonyms import Pseudonyms, is_pseudonym
from models.readings.suppressions import SuppressionLine
from models.records import EVERY, Cause, Place

SOON = timedelta(days=7)
EVERYWHERE = "Every channel"
"""How the channel `*` stands in the URL."""
CAUSES = {label(cause): cause for cause in Cause}
ENDINGS = {
    "In force": Ending.STANDING,
    "For good": Ending.FOR_GOOD,
    "Ends in 7 days": Ending.SOON,
    "Over": Ending.OVER,
}
"""In the URL: the words people choose from."""
FILTERS = ("address", "scope", "category", "cause", "source", "ending")
"""Names in the URL, of the page and of its export."""
ONE = "suppression"
"""In the URL: the one whose drawer is open."""


def wanted(
    asked: Mapping[str, str],
    now: datetime,
    known: tuple[Mapping[str, Channel], Pseudonyms],
    *,
    personal: bool,
) -> SuppressionsWanted:
    """What the filters of a URL ask for; words nobody knows ask for nothing.

    Args:
        asked: By name, of `FILTERS`.
        now: What ended before is over.
        known: The channels, and how erased people are known again.
        personal: Whether addresses may be seen: else only a whole one is looked for, because
            beginnings would tell them letter by letter.
    """
    text, ending = asked.get("address", "").strip(), ENDINGS.get(asked.get("ending", ""))
    prefix = personal and bool(text) and not _whole(text)
    scope = {EVERYWHERE: EVERY, **{label(channel): channel for channel in known[0]}}
    return SuppressionsWanted(
        now=now,
        addresses=tuple(spellings(text, *known)) if text and not prefix else (),
        prefix=text if prefix else None,
        channel=scope.get(asked.get("scope", "")),
        category=asked.get("category") or None,
        cause=CAUSES.get(asked.get("cause", "")),
        source=asked.get("source", "").strip() or None,
        ending=ending or Ending.STANDING,
        soon=now + SOON,
    )


def _whole(text: str) -> bool:
    _, at, domain = text.partition("@")
    return bool(at) and "." in domain


def written(position: SuppressionPosition) -> str:
    """A place in the list as it stands in the URL."""
    return f"{position.at.isoformat()}_{position.digest}"


def read(text: str | None) -> SuppressionPosition | None:
    """A place from the URL; `None`, the start, for anything else."""
    at, _, digest = (text or "").rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return SuppressionPosition(moment, digest) if moment.tzinfo and digest.isalnum() else None


def name_of(place: Place) -> str:
    """What stands for a suppression in the URL, where its address must not."""
    return f"{place.bucket}.{place.digest}"


def named(text: str) -> tuple[int, str] | None:
    """Bucket and digest from the URL; `None` for anything else."""
    bucket, _, digest = text.partition(".")
    if not bucket.isdecimal() or not bucket.isascii() or len(bucket) > 4 or not digest.isalnum():  # noqa: PLR2004 - 1024 buckets
        return None
    return int(bucket), digest


def shown(address: str, *, personal: bool) -> str:
    """An address as somebody may see it."""
    if is_pseudonym(address):
        return "(erased)"
    return address if personal else masked(address)


def scope(channel: str, category: str) -> str:
    """What a suppression stops, as people say it."""
    where = "every channel" if channel == EVERY else label(channel)
    return where if category == EVERY else f"{where}, only {category}"


def ends(line: SuppressionLine, now: datetime) -> str:
    """When it ends, in words."""
    if line.expires_at is None:
        return "when lifted"
    if line.is_over(now):
        return f"ended {duration(now - line.expires_at)} ago"
    return f"in {duration(line.expires_at - now)}"


_STAYS: Mapping[Cause, str] = {
    Cause.ADDRESS_REFUSED: "There is no such mailbox: it stays until somebody lifts it.",
    Cause.COMPLAINT: "Its reader called it spam: lift it only if they ask for mail again.",
    Cause.UNSUBSCRIBED: "It stays until they want it again, or somebody lifts it.",
}
_AGAIN: Mapping[Cause, str] = {
    Cause.ADDRESS_REFUSED: "one that comes back is enough for it to rest again",
    Cause.MAILBOX_INACTIVE: "one that comes back is enough for it to rest again",
    Cause.SOFT_BOUNCES: "if mail comes back as often again, it rests again",
}


def chance(line: SuppressionLine, now: datetime) -> str:
    """What happens at its end: whether the address gets a second chance."""
    if line.expires_at is None:
        return _STAYS.get(line.cause, "It stays until somebody lifts it.")
    when = "It ended by itself" if line.is_over(now) else "It ends by itself"
    again = _AGAIN.get(line.cause)
    then = (
        f": a second chance. Mail goes there again; {again}" if again else ", and mail goes again"
    )
    return f"{when}{then}."


def history_of(place: Place) -> Query:
    """What the page is asked for to open one."""
    return {ONE: [name_of(place)]}
