"""The people of the console and the roles they may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.reasons import Explained

LINK_LASTS = timedelta(hours=1)
"""How long a sign-in link can be used, once."""


class Role(Explained):
    """What somebody is to the console; one person may have several."""

    VIEWER = "viewer", "Sees numbers, deliveries, templates and events."
    AUTHOR = "author", "Writes templates, topics and campaigns."
    APPROVER = "approver", "Approves what authors wrote, never their own."
    OPERATOR = "operator", "Retries, cancels, releases, pauses."
    ENGINEER = "engineer", "Sees addresses and data as they are; handles sources and keys."
    SUPPORT = "support", "Sees what became of messages and why, neither content nor settings."
    ADMIN = "admin", "May do everything; says who may do what."


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in.

    Attributes:
        roles: Those they have everywhere, as stored; a role this version does not know is kept
            and gives nothing.
        active: People are never deleted, only closed: the audit names them.
        teams: Team to the roles they have in it besides.
    """

    person: UUID
    email: str
    name: str
    roles: frozenset[str]
    active: bool
    created_at: datetime
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Team:
    """People who own topics, templates, audiences and campaigns together.

    Attributes:
        team: Its key, which never changes.
    """

    team: str
    title: str
    created_at: datetime


class LinkState(StrEnum):
    """What a sign-in link is worth."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What a person did."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, object]
