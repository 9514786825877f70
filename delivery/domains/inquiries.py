"""What is asked of DNS, and what the answers come to.

A check is a story that yields questions and is given the answers: it decides, whoever carries the
questions. When nobody can answer one, the story ends there and its verdict is `unknown`.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Record(StrEnum):
    """Kinds of records."""

    A = "A"
    AAAA = "AAAA"
    MX = "MX"
    PTR = "PTR"
    TXT = "TXT"


@dataclass(frozen=True, slots=True)
class Question:
    """One look-up; the name is absolute, without the root's dot."""

    name: str
    record: Record


@dataclass(frozen=True, slots=True)
class Answer:
    """What a name server said.

    Attributes:
        values: Of TXT the joined strings, of MX `preference host`, else an address or a name.
        exists: Whether there is such a name at all (NXDOMAIN: not).
    """

    values: tuple[str, ...] = ()
    exists: bool = True


class UnansweredError(Exception):
    """Nobody could say: no answer in time, a server failure, or nonsense."""


Story = Generator[Question, Answer, T]
"""Questions of which the later ones depend on the answers to the earlier ones."""


class Check(StrEnum):
    """What is checked of a sending domain."""

    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ALIGNMENT = "alignment"
    MX = "mx"
    FROM = "from"
    PTR = "ptr"
    ROTATION = "rotation"
    SEAL = "seal"


TITLES: dict[Check, str] = {
    Check.SPF: "SPF",
    Check.DKIM: "DKIM",
    Check.DMARC: "DMARC",
    Check.ALIGNMENT: "Alignment",
    Check.MX: "Bounces (MX)",
    Check.FROM: "Answers (MX or A)",
    Check.PTR: "Reverse DNS",
    Check.ROTATION: "Age of keys",
    Check.SEAL: "Sealed keys",
}
"""What people read."""


class Condition(StrEnum):
    """How a check came out, from the best to the worst."""

    GOOD = "good"
    UNKNOWN = "unknown"
    """Nobody could look it up: that is no fault of the domain."""
    ADVICE = "advice"
    """It works, and could be better; or it waits for somebody."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one thing.

    Attributes:
        subject: What was looked at: a name in DNS, an address.
        finding: How it is.
        advice: What to do; empty where nothing is to be done.
    """

    check: Check
    subject: str
    condition: Condition
    finding: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A check that can be made."""

    check: Check
    subject: str
    ask: Callable[[], Story[Verdict]]

    def unknown(self, why: str) -> Verdict:
        """Nobody could tell."""
        advice = "check the network and TIDINGS_DNS_SERVERS, then look again"
        return Verdict(
            self.check, self.subject, Condition.UNKNOWN, f"could not look it up: {why}", advice
        )
