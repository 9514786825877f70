"""What people, organisations and categories said about being told, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

EVERY = "*"
"""Stands for every category, or for every channel."""

Choices = Mapping[tuple[str, str], bool]
"""(Category, channel) to whether it is wanted."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of topics that recipients turn on and off together.

    Attributes:
        position: Where it stands in lists: the lowest comes first.
        defaults: Channel (or `*`) to whether it is wanted by whoever said nothing.
    """

    key: str
    title: str
    description: str = ""
    position: int = 0
    defaults: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chosen:
    """All that one recipient chose.

    Attributes:
        choices: With category `*`: a mute, of the channel or (`*`) of everything.
        snoozed_until: Nothing shall interrupt before; may be over.
    """

    choices: Choices = field(default_factory=dict)
    snoozed_until: datetime | None = None


class Via(StrEnum):
    """From where a choice was changed."""

    API = "api"
    LINK = "link"
    PREFERENCE_CENTRE = "preference_centre"
    MAIL = "mail"
    CONSOLE = "console"
    COMMAND = "command"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Choice:
    """A recipient's choice to be written.

    Attributes:
        category: `*` with `allowed` false is a mute; with `until` and every channel, a snooze.
        allowed: `None` takes the choice back, so that what others said counts again.
    """

    recipient_id: str
    category: str
    channel: str
    allowed: bool | None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes a choice, and from where."""

    name: str
    via: Via
