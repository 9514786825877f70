"""One import of a list from its first line to the version that shows it, in one transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from models.queries.audiences import catalog, listing
from models.queries.audiences.catalog import Saving
from models.queries.audiences.listing import Doubled, Place, Unmatched
from models.query import Story
from models.records.audiences import StoredAudience

PAGE = 5000
"""Lines looked at together."""
_COPIED = 10_000
"""Lines copied together."""

Spell = Callable[[str], str | None]
"""An address as its channel keeps it; `None`: it is none."""
Refuse = Callable[[int, str, str], None]
"""Told of each line that is not taken: its number, what it says, why."""

_NOBODY = "no recipient has this id: import the recipient first"
_NO_ADDRESS = "no recipient has this address: import the recipient first"


@dataclass(frozen=True, slots=True)
class Bringing:
    """What is brought in.

    Attributes:
        saving: The audience as it will be; its `list` is given here.
        channel: Of addresses; `None`: they are ids.
        spell: How the channel keeps an address.
        refuse: Told of what is not taken.
    """

    saving: Saving
    channel: str | None
    spell: Spell
    refuse: Refuse


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of it.

    Attributes:
        members: Recipients on the list.
        doubled: Lines that said what an earlier one said.
        nobodies: Lines that name nobody who is known.
        version: The audience's; the one before when nobody came or went.
    """

    members: int
    doubled: int
    nobodies: int
    version: int


def new_list(key: str, title: str, file: str, by: str, now: datetime) -> Saving:
    """A list as it will be, should there be none of this key yet."""
    document = {"key": key, "title": title, "list": True}
    return Saving(key, title, document, 0, f"Brought in {file}.", by, now)


def bring(work: Bringing, lines: Iterable[tuple[int, str]]) -> Story[Brought]:
    """Take lines, and put the list of them in force.

    Raises:
        ValueError: The audience is no list.
    """
    yield listing.stage()
    left = iter(lines)
    while batch := list(islice(left, _COPIED)):
        yield listing.staged(batch)
    yield from listing.ready()
    yield catalog.lock()
    key = work.saving.key
    before: StoredAudience | None = (yield catalog.audiences()).get(key)
    if before is not None and before.list is None:
        raise ValueError(f"{key} is no list: give the list a key of its own")
    place = Place(key, (yield listing.next_list(key)), work.channel)
    nobodies = yield from _tell_nobodies(work, place)
    doubled = yield from _tell_doubled(work)
    members: int = yield listing.write(place)
    version = yield from _put_in_force(work.saving, place, before)
    return Brought(members, doubled, nobodies, version)


def _put_in_force(saving: Saving, place: Place, before: StoredAudience | None) -> Story[int]:
    """Show the new list, and forget those nobody goes back to; one that says the same goes."""
    if before is not None and before.list and not (yield listing.differ(place, before.list)):
        yield listing.forget(place.audience, [place.list])
        return before.version
    document = saving.document if before is None else dict(before.document)
    title = saving.title if before is None else before.title
    wanted = replace(saving, list=place.list, document=document, title=title)
    version = yield from catalog.save(wanted, before)
    old = (yield from listing.there(place.audience))[listing.KEPT :]
    if old:
        yield listing.forget(place.audience, old)
    return version


def _tell_nobodies(work: Bringing, place: Place) -> Story[int]:
    """Spell addresses as they are kept, and tell of the lines that name nobody."""
    if place.channel is not None:
        yield from _respell(work, place)
    told, after = 0, 0
    while page := (yield listing.unmatched(place, after, PAGE)):
        found: list[Unmatched] = page
        for one in found:
            reason = _NOBODY if place.channel is None else _NO_ADDRESS
            work.refuse(one.line, one.value, reason)
        told, after = told + len(found), found[-1].line
    return told


def _respell(work: Bringing, place: Place) -> Story[None]:
    """Most are written as they are kept: only the others are looked at one by one."""
    after = 0
    while page := (yield listing.unmatched(place, after, PAGE)):
        found: list[Unmatched] = page
        spelled = [(one.line, work.spell(one.value)) for one in found]
        better = [(line, address) for line, address in spelled if address is not None]
        if better:
            yield listing.respell(better)
        after = found[-1].line


def _tell_doubled(work: Bringing) -> Story[int]:
    """The first of them each by its line; of more it is said how many."""
    found: list[Doubled] = yield listing.doubled(PAGE)
    for one in found:
        work.refuse(one.line, one.value, f"the same as line {one.first}: counted once")
    number: int = (yield listing.how_many_doubled()) if found else 0
    return number
