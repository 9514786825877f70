"""The simulated mail server: what each mail meets, what was taken, who waits for an answer."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from delivery.errors import (
    AddressRefused,
    ContentRefused,
    InDoubtError,
    LeaseLostError,
    Reply,
    ThrottledError,
    UnavailableError,
)
from delivery.messages import Receipt
from delivery.ports import Handover
from models.reasons import Failure
from models.records import Account


class Killed(BaseException):
    """The process is no more: nothing of it goes on, and nothing is put right."""


class Fate(Enum):
    """What a mail meets on its way."""

    TAKEN = "taken"
    DEFERRED = "not now"
    UNREACHABLE = "no connection"
    NO_ADDRESS = "nobody of that name"
    NO_CONTENT = "not with these words"
    TAKEN_UNHEARD = "taken, and the connection is lost"
    LOST_UNHEARD = "the connection is lost after the dot, nothing is taken"
    TAKEN_LATE = "taken, and the answer takes its time"
    STUCK = "stuck before the dot"


@dataclass
class Server:
    """The one mail server: what it will do, what it took."""

    fates: dict[str, list[Fate]] = field(default_factory=lambda: defaultdict(list))
    taken: Counter[UUID] = field(default_factory=Counter)
    waiting: list[tuple["Wire", asyncio.Future[None]]] = field(default_factory=list)

    def answer(self, place: int = 0) -> None:
        """Let one conversation that waits go on."""
        if self.waiting:
            _, future = self.waiting.pop(place % len(self.waiting))
            future.set_result(None)


@dataclass
class Wire:
    """A provider: one worker's way to the server."""

    server: Server
    carries: frozenset[str] = frozenset({"email"})

    async def send(self, handover: Handover, account: Account) -> Receipt:  # noqa: ARG002
        fates = self.server.fates[handover.message.recipient]
        fate = fates.pop(0) if fates else Fate.TAKEN
        if fate is Fate.STUCK:
            await self._wait()
        if not handover.lease.holds():
            raise LeaseLostError("the lease ended before the dot")
        _refuse(fate)
        if fate is not Fate.LOST_UNHEARD:
            self.server.taken[handover.message.delivery_id] += 1
        if fate in {Fate.LOST_UNHEARD, Fate.TAKEN_UNHEARD}:
            raise InDoubtError("lost after the dot", Failure.CONNECTION_LOST)
        if fate is Fate.TAKEN_LATE:
            await self._wait()
        return Receipt(Reply(250, "taken"))

    async def _wait(self) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.server.waiting.append((self, future))
        await future

    def cut(self) -> None:
        """The worker is gone."""
        for wire, future in self.server.waiting:
            if wire is self:
                future.set_exception(Killed())
        self.server.waiting = [one for one in self.server.waiting if one[0] is not self]

    async def close(self) -> None:
        pass


def _refuse(fate: Fate) -> None:
    match fate:
        case Fate.DEFERRED:
            raise ThrottledError("not now", Reply(451, "not now"))
        case Fate.UNREACHABLE:
            raise UnavailableError("no connection")
        case Fate.NO_ADDRESS:
            raise AddressRefused("nobody", Reply(550, "nobody", "5.1.1"))
        case Fate.NO_CONTENT:
            raise ContentRefused("not so", Reply(554, "not so"))
