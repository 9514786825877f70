"""How much an audience weighs where somebody has to approve what goes to it."""

from collections.abc import Callable, Mapping
from datetime import datetime

from models.queries.audiences import catalog, members
from models.queries.audiences.conditions import where
from models.query import Story
from models.records.audiences import StoredAudience
from models.records.conditions import Condition

Read = Callable[[str, Mapping[str, StoredAudience]], Condition]
"""Who belongs to a saved audience; raises where there is none."""


def weighed(key: str, read: Read, now: datetime) -> Story[tuple[int, int]]:
    """The version of an audience, and about how many belong now."""
    stored: dict[str, StoredAudience] = yield catalog.audiences()
    condition = read(key, stored)
    yield members.roomy()
    size, _ = yield from members.size(where(condition, now))
    return stored[key].version, size
