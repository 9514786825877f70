"""The people of the console and the roles they may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.reasons import Explained

LINK_LASTS = timedelta(hours=1)
"""How long a sign-in link can be used, once."""
INVITATION_LASTS = timedelta(days=7)
"""How long an invitation can be used, once."""


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
        joined_at: When they first signed in; `None`: they were invited, and have not come.
    """

    person: UUID
    email: str
    name: str
    roles: frozenset[str]
    active: bool
    created_at: datetime
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)
    joined_at: datetime | None = None


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


class Method(StrEnum):
    """How somebody proved who they are."""

    LINK = "link"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret
    OIDC = "oidc"


class SignIn(StrEnum):
    """What became of somebody's try to sign in."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    """Password, link or provider did not vouch for anybody who may come in."""
    PAUSED = "paused"
    """Too many tries before: nothing was looked at."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in somewhere.

    Attributes:
        session: SHA-256 of the token in their cookie: names it, and opens nothing.
        agent: What the browser calls itself.
        network: Where they came from, without the part that tells one machine from another.
        seen_at: When they last did something, to the minute.
        ends_at: When they must sign in anew, whatever they do.
    """

    session: bytes
    person: UUID
    method: str
    agent: str
    network: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed sign-ins of an address or a client.

    Attributes:
        who: A hash of it.
        free_at: When one may try again.
    """

    who: bytes
    failures: int
    last_at: datetime
    free_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What a person did.

    Attributes:
        actor: An e-mail address in the console, `cli:user@host` at the command line, `tidings`
            where nobody did it.
        detail: What else there is to say; JSON.
        before: What was there; JSON, `None` where nothing was or nothing was replaced.
        after: What is there now; the same.
        why: The reason that was given, if one was asked for.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    before: Any = None
    after: Any = None
    why: str = ""
