"""Audiences as values: as people write them, as they are kept, and whom they ask about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.records.conditions import Condition
from models.records.recipients import Facts


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience as people write it.

    Attributes:
        condition: Who belongs; `None` where a list says it.
        list: Which list; 0: none was brought in yet.
    """

    key: str
    title: str
    condition: Condition | None = None
    list: int = 0

    @property
    def is_list(self) -> bool:
        """Whether its members are listed, not described."""
        return self.condition is None


@dataclass(frozen=True, slots=True)
class Nameable:
    """What an audience may name."""

    channels: frozenset[str]
    topics: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredAudience:
    """A version of an audience as it is kept.

    Attributes:
        document: As people write it, checked.
        list: Which list it shows; `None`: it is no list.
        team: Whose it is; `None`: the installation's.
    """

    key: str
    version: int
    title: str
    document: Mapping[str, Any]
    list: int | None
    team: str | None
    note: str
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class Touch:
    """One message to a recipient, as far as conditions ask about it.

    Attributes:
        event: Its event; `None` on the message of a digest.
        created_at: When its event was told.
        opened, clicked: When a person did so.
    """

    event: str | None
    topic: str
    state: str
    created_at: datetime
    sent_at: datetime | None = None
    opened: tuple[datetime, ...] = ()
    clicked: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Portrait:
    """Everything conditions may ask about one recipient.

    Attributes:
        facts: With a profile.
        touches: All messages to them that history has.
        lists: Audience and number of each list they are on.
    """

    facts: Facts
    created_at: datetime
    touches: Sequence[Touch] = ()
    lists: frozenset[tuple[str, int]] = frozenset()
