"""Kill switches: what each stops, and that critical news stops only when it is named. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from delivery.classes import BLIND as BLIND_CLASSES, Gate, passes
from models.reasons import Hold
from models.records import Class, DueRow, Switch

_LOOK_AGAIN = timedelta(minutes=10)
"""A stopped row is looked at this often, should nobody hear that its switch was lifted."""


class Scope(StrEnum):
    """What a switch may stop; its name is the scope and, but for `all`, what: `topic:news`."""

    ALL = "all"
    CLASS = "class"
    TOPIC = "topic"
    CAMPAIGN = "campaign"
    CHANNEL = "channel"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Target:
    """What a switch stops; `key` is empty for `all`."""

    scope: Scope
    key: str = ""

    def __str__(self) -> str:
        return f"{self.scope}:{self.key}" if self.key else str(self.scope)


def read_target(name: str) -> Target:
    """What a switch of this name stops.

    Raises:
        ValueError: It stops nothing that there is; the text tells how to write it.
    """
    scope, _, key = name.strip().partition(":")
    if scope not in set(Scope) or (scope == Scope.ALL) != (key == ""):
        known = ", ".join(one if one is Scope.ALL else f"{one}:…" for one in Scope)
        raise ValueError(f"{name!r} is no switch: write {known}")
    if scope == Scope.CLASS and key not in set(Class):
        raise ValueError(f"{key!r} is no class: write {', '.join(Class)}")
    return Target(Scope(scope), key)


@dataclass(frozen=True, slots=True)
class Stops:
    """What the switches that are on stop together, ready to be asked row by row."""

    everything: bool = False
    classes: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()
    campaigns: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    accounts: frozenset[str] = frozenset()
    paused: frozenset[str] = frozenset()
    """Campaigns that are paused, or being cancelled."""

    def __bool__(self) -> bool:
        """Whether any delivery may be stopped; a switched-off account stops none by itself."""
        named = self.classes or self.topics or self.campaigns or self.channels or self.paused
        return self.everything or bool(named)

    def stop(self, row: DueRow) -> bool:
        """Whether a delivery must wait.

        A critical one waits only where it is meant: `all`, its class or its topic. Whoever stops
        a channel or a campaign wants quiet, not to lock people out.
        """
        if self.everything or row.klass in self.classes or row.topic in self.topics:
            return True
        if passes(row.klass, Gate.SWITCH):
            return False
        return row.channel in self.channels or row.campaign in self.campaigns | self.paused

    def why(self, row: DueRow) -> Hold:
        """What a delivery that must wait waits for: its campaign, or a switch."""
        others = replace(self, paused=frozenset())
        return Hold.KILL_SWITCH if others.stop(row) else Hold.PAUSED

    def together(self, other: "Stops") -> "Stops":
        """What either stops."""
        return Stops(
            self.everything or other.everything,
            self.classes | other.classes,
            self.topics | other.topics,
            self.campaigns | other.campaigns,
            self.channels | other.channels,
            self.accounts | other.accounts,
            self.paused | other.paused,
        )

    def lifted_since(self, before: "Stops") -> bool:
        """Whether something that was stopped before may go again."""
        return bool(
            before.everything > self.everything
            or before.classes - self.classes
            or before.topics - self.topics
            or before.campaigns - self.campaigns
            or before.channels - self.channels
            or before.accounts - self.accounts
            or before.paused - self.paused
        )


BLIND = Stops(classes=BLIND_CLASSES)
"""While nobody can tell which switches are on, only what the table of classes lets go goes."""


def stops(switches: Iterable[Switch], paused: Iterable[str] = ()) -> Stops:
    """What these switches and paused campaigns stop; a name that is none stops nothing."""
    named: dict[Scope, set[str]] = {scope: set() for scope in Scope}
    for switch in switches:
        scope, _, key = switch.name.partition(":")
        if scope in named:
            named[Scope(scope)].add(key)
    return Stops(
        everything=bool(named[Scope.ALL]),
        classes=frozenset(named[Scope.CLASS]),
        topics=frozenset(named[Scope.TOPIC]),
        campaigns=frozenset(named[Scope.CAMPAIGN]),
        channels=frozenset(named[Scope.CHANNEL]),
        accounts=frozenset(named[Scope.ACCOUNT]),
        paused=frozenset(paused),
    )


def stopped(rows: Iterable[DueRow], by: Stops, now: datetime) -> dict[UUID, datetime]:
    """The deliveries that must wait, and until when; what expired meanwhile waits no longer."""
    return {
        row.delivery_id: min(now + _LOOK_AGAIN, row.expires_at or now + _LOOK_AGAIN)
        for row in rows
        if by.stop(row) and (row.expires_at is None or row.expires_at > now)
    }
