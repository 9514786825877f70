"""Understanding which address is to get nothing any more, typed or from a file. Pure.

One inlet for the console and for commands: what one of them refuses the other refuses too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.ports import Channel
from delivery.sheets import guarded, unguarded
from models.pseudonyms import Pseudonyms
from models.readings.suppressions import SuppressionLine
from models.records import EVERY, Place, Suppression

COLUMNS = ("address", "channel", "category", "reason", "until")
PASSED_OVER = ("source", "since")
"""Columns of an export that an import knows better: who imports, and when."""
EXPORTED = (*COLUMNS, *PASSED_OVER)
LONGEST = 300
"""Most characters of a reason and of a category."""

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Inlet:
    """What is known where lines come in.

    Attributes:
        by: Who says so, for every line.
    """

    channels: Mapping[str, Channel]
    by: str
    now: datetime


def place_of(address: str, channel: str, category: str, known: Mapping[str, Channel]) -> Place:
    """What is meant, its address in the form it is compared in.

    Raises:
        ValueError: There is no such channel, or it takes no such address.
    """
    if channel != EVERY and channel not in known:
        raise ValueError(f"no channel {channel}: use {', '.join(sorted(known))}, or * for all")
    if not category or not category.isprintable() or len(category) > LONGEST:
        raise ValueError(f"a category has a name of at most {LONGEST} characters: * is every one")
    asked = known.values() if channel == EVERY else (known[channel],)
    form = next((form for each in asked if (form := each.accepts(address))), None)
    if form is None:
        raise ValueError(f"{address} is no address of {channel}: check its spelling")
    return Place(channel, form, category)


def spellings(address: str, known: Mapping[str, Channel], names: Pseudonyms) -> list[str]:
    """An address in the form of each channel that accepts it, and its pseudonyms."""
    accepted = {channel.accepts(address) for channel in known.values()}
    forms = sorted(form for form in accepted if form is not None) or [address]
    return [*forms, *(name for form in forms for name in names.address(form))]


def check_header(columns: Sequence[str] | None) -> None:
    """See that the first line of a file names columns we know.

    Raises:
        ValueError: It does not; the text says which ones there are.
    """
    named = list(columns or ())
    strange = [column for column in named if column not in EXPORTED]
    if strange:
        raise ValueError(f"unknown columns {', '.join(strange)[:200]}: use {', '.join(COLUMNS)}")
    if not {"address", "reason"} <= set(named) or len(set(named)) < len(named):
        raise ValueError(
            f"the first line must name address and reason, and may name {', '.join(COLUMNS[1:])}"
        )


def read_line(row: Row, inlet: Inlet) -> Suppression:
    """What a line of a file asks for.

    Raises:
        ValueError: It cannot be; the text says what is wrong and what to write.
    """
    if None in row or None in row.values():
        raise ValueError("the line has not as many cells as the header")
    cells = {name: unguarded(str(cell).strip()) for name, cell in row.items()}
    place = place_of(
        cells["address"], cells.get("channel") or "email", cells.get("category") or EVERY,
        inlet.channels,
    )  # fmt: skip
    reason = checked_reason(cells["reason"])
    until = _until(cells.get("until") or "", inlet.now)
    return Suppression(place.channel, place.address, reason, inlet.by, until, place.category)


def checked_reason(reason: str) -> str:
    """A reason others can read.

    Raises:
        ValueError: There is none, or it is no short text.
    """
    text = reason.strip()
    if not text:
        raise ValueError("give a reason: others will read it")
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError(f"a reason is one line of at most {LONGEST} characters")
    return text


def _until(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no moment: write it like 2026-11-22T14:05:00Z") from None
    if found.tzinfo is None:
        raise ValueError(f"{text} names no time zone: add Z, or +01:00")
    if found <= now:
        raise ValueError(f"{text} is over already: leave the line out")
    return found.astimezone(UTC)


def merged(suppressions: Iterable[Suppression]) -> list[Suppression]:
    """One for each place: the one that lasts longest, of equals the first."""
    found: dict[Place, Suppression] = {}
    for one in suppressions:
        known = found.get(one.place)
        if known is None or _lasts_longer(one, known):
            found[one.place] = one
    return list(found.values())


def _lasts_longer(one: Suppression, other: Suppression) -> bool:
    if other.expires_at is None:
        return False
    return one.expires_at is None or one.expires_at > other.expires_at


def exported(line: SuppressionLine, address: str) -> list[str]:
    """A suppression as a line of `EXPORTED`; the address as whoever exports may see it."""
    until = line.expires_at.isoformat() if line.expires_at else ""
    cells = (
        address, line.channel, line.category, line.reason, until, line.source,
        line.created_at.isoformat(),
    )  # fmt: skip
    return [guarded(cell) for cell in cells]
