"""The connections to one server, and the messages that wait for one of them."""

import asyncio
from asyncio import Future, Task
from collections import deque
from contextlib import suppress

from delivery.errors import AccountError, LeaseLostError, TransientError
from delivery.messages import Receipt
from delivery.ports import Handover
from delivery.providers.smtp.connection import Connection
from delivery.providers.smtp.conversation import Conversation
from delivery.providers.smtp.handshake import Session, open_session
from delivery.providers.smtp.letters import write_letter
from delivery.providers.smtp.target import Target
from delivery.providers.smtp.timeouts import Timeouts
from delivery.providers.smtp.transfers import Transfer
from delivery.providers.smtp.vendors import named


class Pool:
    """Up to `target.connections` connections that draw from one queue."""

    def __init__(self, target: Target, timeouts: Timeouts) -> None:
        self._target = target
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Transfer] = deque()
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._opening: set[Task[Session]] = set()
        self._not_before = 0.0  # loop time before which no further connection is opened
        self._closing = False
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def full(self) -> bool:
        """Whether a message would have to wait for others."""
        taken = len(self._all) + len(self._opening)
        return not self._idle and taken >= self._target.connections

    def send(self, handover: Handover) -> Future[Receipt]:
        """Begin to hand over one message; what comes of it: see `Smtp.send`."""
        transfer = Transfer(
            write_letter(named(handover.message, self._target.vendor, self._target.stream)),
            handover.lease,
            handover.answer_within,
            self._loop.create_future(),
        )
        self._waiting.append(transfer)
        self._serve()
        return transfer.outcome

    def take(self) -> Transfer | None:
        """The next message that is still to be sent; `Supply` of the conversations."""
        while self._waiting:
            transfer = self._waiting.popleft()
            if transfer.outcome.done():  # the sending call was cancelled
                continue
            if transfer.lease.holds():
                return transfer
            transfer.fail(LeaseLostError("the lease ended while it waited for a connection"))
        return None

    def give_back(self, transfer: Transfer) -> None:
        """A message whose connection was lost before its dot: it goes first."""
        if self._closing:
            transfer.fail(_stopping())
            return
        self._waiting.appendleft(transfer)
        self._loop.call_soon(self._serve)

    def idle(self, connection: Connection) -> None:
        """It has nothing to do; `Owner` of the connections."""
        self._idle.append(connection)

    def gone(self, connection: Connection) -> None:
        """It is closed; `Owner` of the connections."""
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if not self._all:
            self._empty.set()
        self._serve()

    async def close(self) -> None:
        """Send nothing more, let what is on the wire end, for a short while, and say goodbye."""
        self._closing = True
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        self._fail_waiting(_stopping())
        for connection in self._all:
            connection.retire()
        await self._emptied()
        for connection in tuple(self._all):
            connection.abort()
        await self._emptied()

    async def _emptied(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeouts.farewell):
                await self._empty.wait()

    def _serve(self) -> None:
        """Put idle connections to work, and open one more where they do not suffice."""
        while self._waiting and self._idle:
            connection = self._idle.pop()
            if connection.free:
                connection.begin()
        if len(self._waiting) > len(self._opening) and self._may_open():
            self._open()

    def _may_open(self) -> bool:
        taken = len(self._all) + len(self._opening)
        if taken == 0:
            return True
        return taken < self._target.connections and self._loop.time() >= self._not_before

    def _open(self) -> None:
        task = self._loop.create_task(open_session(self._target, self._timeouts))
        self._opening.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: Task[Session]) -> None:
        self._opening.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._adopt(task.result())
        elif self._all or self._opening:
            # Others still work: the server may only want fewer of us.
            self._not_before = self._loop.time() + self._timeouts.reopening
            self._loop.call_at(self._not_before, self._serve)
        else:
            self._fail_waiting(error)

    def _adopt(self, session: Session) -> None:
        conversation = Conversation(session.extensions, self, self._target.messages)
        connection = Connection(session, conversation, self, self._timeouts)
        self._all.add(connection)
        self._empty.clear()
        connection.begin()

    def _fail_waiting(self, error: BaseException) -> None:
        while self._waiting:
            self._waiting.popleft().fail(_again(error))


def _stopping() -> LeaseLostError:
    return LeaseLostError("the worker stops")


def _again(error: BaseException) -> BaseException:
    """An equal error for each message: one raised many times collects their tracebacks."""
    if isinstance(error, TransientError | AccountError | LeaseLostError):
        return type(error)(str(error), error.reply)
    return error
