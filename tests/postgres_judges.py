"""What a test makes of each statement on its way through `tests/postgres_proxy.py`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum


class Moment(StrEnum):
    """When the judge is asked."""

    CONNECTING = "connecting"
    ASKED = "asked"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Seen:
    """A statement on its way, its parameters as `$1`.

    Attributes:
        before: The earlier statements of its transaction.
        over: With it the transaction ended.
    """

    moment: Moment
    text: str = ""
    before: tuple[str, ...] = ()
    over: bool = False

    @property
    def writes(self) -> bool:
        """Whether it changes or locks something."""
        words = self.text.split()
        return words[:1] in (["INSERT"], ["UPDATE"], ["DELETE"], ["COPY"], ["WITH"]) or (
            "FOR UPDATE" in self.text
        )


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with this SQLSTATE; the transaction is broken, and a COMMIT rolls back."""

    code: str


class Cut:
    """Drop the connection on both sides, without a word."""


Verdict = Refuse | Cut | None
Judge = Callable[[Seen], Awaitable[Verdict]]


async def leave_alone(_: Seen) -> Verdict:
    return None


def refuse(code: str, which: Callable[[Seen], bool]) -> Judge:
    """A judge who refuses every statement of a kind."""

    async def judge(seen: Seen) -> Verdict:
        return Refuse(code) if seen.moment is not Moment.ANSWERED and which(seen) else None

    return judge


class Striker:
    """Strikes once a round: at the first statement, in its place, that was never struck."""

    def __init__(self, moment: Moment, verdict: Verdict) -> None:
        self._moment, self._verdict = moment, verdict
        self._struck: set[tuple[str, ...]] = set()
        self.ready = True

    async def judge(self, seen: Seen) -> Verdict:
        place = (*seen.before[-1:], seen.text)
        if seen.moment is not self._moment or not self.ready or place in self._struck:
            return None
        self._struck.add(place)
        self.ready = False
        return self._verdict
