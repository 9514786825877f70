"""What the console reads about audiences: who belongs, how many, why one does, how two overlap."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import combinations

from dashboard.access import Permission, within
from dashboard.data import database
from delivery.audiences import (
    Answer,
    AudienceError,
    Saved,
    as_audience,
    condition_of,
    resolved,
    sentence,
    users,
    verdicts,
    why,
)
from delivery.registry import all_channels
from models.database import SyncTransaction
from models.people import Person
from models.queries.audiences import catalog, members, person
from models.queries.audiences.catalog import Size
from models.queries.audiences.conditions import where
from models.queries.campaigns.campaigns import audiences_in_use
from models.queries.routing import EVERYWHERE
from models.records.audiences import Audience, StoredAudience
from models.records.conditions import AllOf, Condition

SAMPLE = 10
"""Members that are shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An audience as it stands in the list.

    Attributes:
        said: The sentence it means, or why it cannot be read.
        used_by: Audiences that name it, and campaigns to it that are not over.
    """

    stored: StoredAudience
    said: str
    size: Size | None = None
    used_by: tuple[str, ...] = ()


def shown() -> list[Shown]:
    """All audiences by key."""
    with database().begin() as tx:
        stored, sizes = tx.run(catalog.audiences()), tx.run(catalog.sizes())
        uses = using(tx)
    return [
        Shown(each, _said(each), sizes.get(key), uses.get(key, ())) for key, each in stored.items()
    ]


def using(tx: SyncTransaction) -> dict[str, tuple[str, ...]]:
    """Audience to what uses it: other audiences, and campaigns that are not over."""
    return users(tx.run(catalog.audiences()), tx.run(audiences_in_use()))


def _said(stored: StoredAudience) -> str:
    try:
        return sentence(as_audience(stored))
    except AudienceError as error:
        return f"It cannot be read: {error}"


def versions(key: str) -> list[StoredAudience]:
    """All versions of an audience, the newest first."""
    with database().begin() as tx:
        return tx.run(catalog.versions(key))


def saved(key: str) -> Condition:
    """Who belongs to a saved audience.

    Raises:
        AudienceError: It cannot be read, or one inside of it.
    """
    with database().begin() as tx:
        return condition_of(key, tx.run(catalog.audiences()))


def drafted(audience: Audience) -> Condition:
    """Who would belong to one that is being written.

    Raises:
        AudienceError: It, or one inside of it, does not fit.
    """
    with database().begin() as tx:
        stored = tx.run(catalog.audiences())
    was = stored.get(audience.key)
    return resolved(replace(audience, list=(was and was.list) or 0), Saved(stored))


@dataclass(frozen=True, slots=True)
class Glance:
    """Who belongs, at a glance.

    Attributes:
        number: How many.
        exact: Counted, not estimated from a part of the people.
        sample: Some of their ids.
    """

    number: int
    exact: bool
    sample: tuple[str, ...] = field(default_factory=tuple)


def glance(wanted: Condition) -> Glance:
    """About how many belong, and some of them; exact where they are few.

    Raises:
        DatabaseError: It takes too long.
    """
    with _looking() as (tx, now):
        who = where(wanted, now)
        number, exact = tx.follow(members.size(who))
        found = tx.run(members.members(who, EVERYWHERE, None, SAMPLE))
    return Glance(number, exact, tuple(one.recipient_id for one in found))


@contextmanager
def _looking() -> Iterator[tuple[SyncTransaction, datetime]]:
    now = database().now()
    with database().begin() as tx:
        tx.run(members.bounded())
        tx.run(members.roomy())
        yield tx, now


def count(key: str, wanted: Condition) -> Iterator[tuple[float, int]]:
    """Count all who belong, and remember it.

    Yields:
        Which share of the people was looked at, and how many of them belong.

    Raises:
        DatabaseError: It takes too long.
    """
    parts = list(members.parts())
    found = 0
    for done, part in enumerate(parts, start=1):
        with _looking() as (tx, now):
            found += tx.run(members.number(where(wanted, now), part))
            if done == len(parts):
                tx.run(catalog.note_size(key, Size(found, now)))
        yield done / len(parts), found


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many belong to several audiences at once.

    Attributes:
        exact: Counted, not estimated.
    """

    keys: tuple[str, ...]
    number: int
    exact: bool


def overlaps(keys: Sequence[str]) -> list[Overlap]:
    """Of two to five audiences: each, each two, and all together.

    Raises:
        AudienceError: One cannot be read.
        DatabaseError: It takes too long.
    """
    with database().begin() as tx:
        stored = tx.run(catalog.audiences())
    sets = [*((key,) for key in keys), *combinations(keys, 2)]
    if len(keys) > 2:  # noqa: PLR2004 - two together are a pair already
        sets.append(tuple(keys))
    found = []
    for together in sets:
        wanted = AllOf(tuple(condition_of(key, stored) for key in together))
        with _looking() as (tx, now):
            found.append(Overlap(together, *tx.follow(members.size(where(wanted, now)))))
    return found


def explain(reader: Person, wanted: Condition, recipient: str) -> Answer | None:
    """Why somebody belongs or not, with what they have for a reader who may see people.

    `None`: nobody is known by this id.
    """
    now = database().now()
    with database().begin() as tx:
        portrait = tx.follow(person.portrait(recipient, list(all_channels())))
    if portrait is None:
        return None
    answer = why(wanted, portrait, now)
    return answer if Permission.SEE_PERSONAL in within(reader, None) else verdicts(answer)
