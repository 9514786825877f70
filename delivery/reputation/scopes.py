"""What mail is judged together: a sending domain, its mail to one receiver, a topic, and so on."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from delivery.classes import Gate, passes
from models.records import Class


class Kind(StrEnum):
    """What a scope is; its name is the kind and what: `topic:news`."""

    DOMAIN = "domain"
    DESTINATION = "destination"
    """A sending domain's mail to one group of receivers: `destination:example.com/google`."""
    TOPIC = "topic"
    CAMPAIGN = "campaign"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Scope:
    """One of them.

    Attributes:
        key: The domain, topic, campaign or account.
        destination: Of `DESTINATION`: the group of receivers.
    """

    kind: Kind
    key: str
    destination: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}{'/' * bool(self.destination)}{self.destination}"


def read_scope(name: str) -> Scope:
    """The scope of this name.

    Raises:
        ValueError: It names none; the text tells how to write it.
    """
    kind, _, key = name.strip().partition(":")
    destination = ""
    if kind == Kind.DESTINATION:
        key, _, destination = key.partition("/")
    if kind not in set(Kind) or not key or (kind == Kind.DESTINATION) != bool(destination):
        known = ", ".join(
            "destination:…/…" if one == Kind.DESTINATION else f"{one}:…" for one in Kind
        )
        raise ValueError(f"{name!r} is no scope: write {known}")
    return Scope(Kind(kind), key, destination)


def expect(name: str, topics: Container[str]) -> None:
    """Refuse a topic that there is not: a slip of the pen would hold nothing and say it did.

    Raises:
        ValueError: There is none of this name, or it is no scope.
    """
    scope = read_scope(name)
    if scope.kind is Kind.TOPIC and scope.key not in topics:
        raise ValueError(f"there is no topic {scope.key}: see `tidings topics list`")


def rank(name: str) -> tuple[int, str]:
    """The widest scopes first; what is none, last."""
    kinds = list(Kind)
    kind = name.partition(":")[0]
    return kinds.index(Kind(kind)) if kind in set(Kind) else len(kinds), name


@dataclass(frozen=True, slots=True)
class Mail:
    """What of a mail says in which scopes it is; empty is unknown, and in none."""

    sender: str = ""
    destination: str = ""
    topic: str = ""
    campaign: str = ""
    account: str = ""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Those it counts in, and whose pause holds it."""
        named = (
            Scope(Kind.DOMAIN, self.sender),
            Scope(Kind.DESTINATION, self.sender if self.destination else "", self.destination),
            Scope(Kind.TOPIC, self.topic),
            Scope(Kind.CAMPAIGN, self.campaign),
            Scope(Kind.ACCOUNT, self.account),
        )
        return tuple(one for one in named if one.key)


@dataclass(frozen=True, slots=True)
class Paused:
    """Where promotional mail waits, or goes slowly.

    Attributes:
        stopped: Names of scopes in which none goes.
        slow: Names of those in which a little goes.
        sender: The domain we send from.
    """

    stopped: frozenset[str] = frozenset()
    slow: frozenset[str] = frozenset()
    sender: str = ""

    def stops(self, klass: Class, mail: Mail) -> str:
        """The scope whose pause holds a mail; empty where none does."""
        return min(self._among(self.stopped, klass, mail), default="")

    def slows(self, klass: Class, mail: Mail) -> list[str]:
        """The scopes that let through only a little of a class."""
        return sorted(self._among(self.slow, klass, mail))

    def _among(self, named: frozenset[str], klass: Class, mail: Mail) -> Iterable[str]:
        if not named or passes(klass, Gate.REPUTATION):
            return ()
        if mail != Mail():  # what is no mail is in no scope
            mail = replace(mail, sender=self.sender)
        return (name for scope in mail.scopes if (name := str(scope)) in named)
