"""Recording what came of a batch: state, response, attempt and counts move together."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

import structlog

from delivery import trace
from delivery.contexts import packed
from delivery.gate import Decision
from delivery.retries import Outcome
from delivery.roads.destinations import destination_of
from models.database import Transaction
from models.queries.folding.suppressions import copies, suppress
from models.queries.sending import leases, settling
from models.query import Query
from models.reasons import Failure
from models.records import Account, DueRow, Settlement, Suppression, Tried
from models.states import DeliveryState
from scheduler.runtime import Runtime
from scheduler.sending.filling import Filled
from scheduler.sending.late import Answer, fold
from scheduler.sending.settling import count_doubts, count_moves, give_back, settle, wait
from scheduler.ticking.halving import halved
from scheduler.ticking.insistence import insist

_TOGETHER = 0.1
"""Seconds that results are collected before they are written in one transaction."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sent:
    """What was put on the wire, for whom and through which account."""

    filled: Filled
    address: str
    message_id: str
    account: Account
    begun_at: datetime
    before: tuple[tuple[str, str], ...] = ()
    """Accounts that did not carry it in this very attempt, and why, in words of the trace."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """One row and what came of it; `sent` when its transmission had begun."""

    decision: Decision
    outcome: Outcome
    at: datetime
    sent: Sent | None

    @property
    def row(self) -> DueRow:
        """The row as it was claimed."""
        return self.decision.row

    @property
    def is_definite(self) -> bool:
        """Whether it is known what became of the message."""
        return self.outcome.state is not DeliveryState.IN_DOUBT and self.outcome.doubt is None


@dataclass
class Recorder:
    """Collects the results of one batch and writes them a few at a time."""

    runtime: Runtime
    token: UUID
    _waiting: list[Attempted] = field(default_factory=list)
    _writing: asyncio.Task[None] | None = None

    def add(self, attempted: Attempted) -> None:
        """Take a result; it is written within 100 ms, together with its neighbours."""
        self._waiting.append(_hushed(attempted))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())

    async def finish(self) -> None:
        """Wait until everything is written."""
        while self._writing is not None and not self._writing.done():
            await self._writing

    async def _write_soon(self) -> None:
        while self._waiting:
            await asyncio.sleep(_TOGETHER)
            results, self._waiting = self._waiting, []
            await halved(results, self._write, self._write_silent)

    async def _write(self, results: Sequence[Attempted]) -> None:
        """An accepted message must be recorded: a database that is away is waited for."""

        async def write() -> list[Attempted]:
            async with self.runtime.database.begin() as tx:
                return await record(tx, self.token, results)

        async def tell() -> None:
            async with self.runtime.database.begin() as tx:
                await fold(tx, answers(late), results[0].at)

        for result in results:
            if result.outcome.reason is Failure.ADDRESS_REFUSED and result.sent is not None:
                await self._suppress(result, result.sent.address)  # first: a crash loses it not
        outage = self.runtime.outage
        if late := await insist(outage, write):
            await insist(outage, tell)

    async def _suppress(self, result: Attempted, address: str) -> None:
        """Send nothing more to an address its own server refused for good."""
        refused = Suppression(
            result.row.channel,
            address,
            Failure.ADDRESS_REFUSED,
            f"delivery {result.row.delivery_id}",
        )

        async def keep() -> None:
            async with self.runtime.database.begin() as tx:
                await tx.follow(suppress(refused, result.at))

        await insist(self.runtime.outage, keep)
        for statement in copies(refused, self.runtime.shards.slices):

            async def write(statement: Query[int] = statement) -> None:
                await self.runtime.database.run(statement)

            await insist(self.runtime.outage, write)
        log.info("address.suppressed", delivery=str(result.row.delivery_id))

    async def _write_silent(self, result: Attempted, error: Exception) -> None:
        """What the server said cannot be stored; that it said yes or no must be."""
        silent = replace(result.outcome, reply=None, detail=f"the answer is unstorable: {error}")
        await self._write([replace(result, outcome=silent)])

    async def give_back(self, decisions: Sequence[Decision]) -> None:
        """Return rows that were claimed but never begun."""
        now = await self.runtime.database.tell_time()
        waits = [
            leases.Wait(
                d.row.bucket, d.row.delivery_id, d.row.due_at, None, d.trace, d.row.tries,
                d.row.crashes,
            )
            for d in decisions
        ]  # fmt: skip
        async with self.runtime.database.begin() as tx:
            back = set(await tx.run(leases.hold(waits, self.token, now)))
            rows = [d.row for d in decisions if d.row.delivery_id in back]
            await count_moves(tx, rows, DeliveryState.SENDING, DeliveryState.SCHEDULED, now)
            await give_back(tx, [row for row in rows if not row.doubts])


def _hushed(result: Attempted) -> Attempted:
    """A result without the server's words where they might repeat a secret; codes are kept."""
    if result.sent is None or not result.decision.topic.sensitive:
        return result
    reply = result.outcome.reply
    quiet = None if reply is None else replace(reply, text="(not kept)")
    return replace(result, outcome=replace(result.outcome, detail=None, reply=quiet))


async def record(tx: Transaction, token: UUID, results: Sequence[Attempted]) -> list[Attempted]:
    """Write results whose rows are still ours under this token, in one transaction.

    Returns:
        Definite answers to attempts whose rows are no longer ours.
    """
    now = max(result.at for result in results)
    again = [r for r in results if r.outcome.state is DeliveryState.SCHEDULED]
    back: set[UUID] = set()
    if again:
        back = set(
            await tx.run(
                leases.hold([wait(r.row, r.outcome, _trace(r)) for r in again], token, now)
            )
        )
        kept = [r for r in again if r.row.delivery_id in back]
        rows = [r.row for r in kept]
        await count_moves(tx, rows, DeliveryState.SENDING, DeliveryState.SCHEDULED, now)
        doubted = [(r.row, _settlement(r), r.outcome.doubt) for r in kept if r.outcome.doubt]
        await count_doubts(tx, doubted, now)
    ended = [
        (r.row, _settlement(r)) for r in results if r.outcome.state is not DeliveryState.SCHEDULED
    ]
    returned = [r.row for r in again if r.row.delivery_id in back and r.outcome.doubt is None]
    ours = back | await settle(tx, ended, token, now, returned)
    tried = [_tried(r, r.sent) for r in results if r.sent and r.row.delivery_id in ours]
    await tx.copy(settling.write_attempts(tried))
    return [r for r in results if r.sent and r.is_definite and r.row.delivery_id not in ours]


def answers(results: Iterable[Attempted]) -> list[Answer]:
    """What results say of attempts that were begun."""
    return [
        Answer(r.row, r.decision.topic, r.outcome, _settlement(r), _tried(r, r.sent))
        for r in results
        if r.sent
    ]


def _trace(result: Attempted) -> str:
    """The trace with what the sending said; details are in the attempt."""
    said = result.outcome.reason or result.outcome.state
    account = "" if result.sent is None else result.sent.account.key
    before = () if result.sent is None else result.sent.before
    passed = (("account", why, each) for each, why in before)
    return trace.extend(result.decision.trace, "send", (*passed, ("account", str(said), account)))


def _settlement(result: Attempted) -> Settlement:
    """How a delivery ended and what was put on the wire; made for each mail, in one go."""
    row, outcome, sent = result.row, result.outcome, result.sent
    reply, hidden = outcome.reply, result.decision.topic.sensitive
    account = sent.account if sent else None
    filled = sent.filled if sent else None
    shown = None if hidden else filled
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=outcome.state,
        reason=outcome.reason,
        detail=outcome.detail,
        attempts=row.attempt + 1,
        trace=_trace(result),
        account=account.key if account else None,
        provider=account.provider if account else None,
        destination=destination_of(sent.address) if sent else None,
        address=result.decision.address,
        message_id=sent.message_id if sent else None,
        template=filled.template if filled else result.decision.step.template,
        template_version=filled.version if filled else None,
        context=packed(shown.context) if shown else None,
        content_hash=shown.content.digest() if shown else None,
        response=f"{reply.code} {reply.text}" if reply else None,
        sent_at=result.at if outcome.state is DeliveryState.SENT else None,
    )


def _tried(result: Attempted, sent: Sent) -> Tried:
    row, outcome = result.row, result.outcome
    reply = outcome.reply
    return Tried(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        attempt=row.attempt + 1,
        account=sent.account.key,
        provider=sent.account.provider,
        outcome=DeliveryState.IN_DOUBT if outcome.doubt else outcome.state,
        reason=outcome.doubt or outcome.reason,
        code=None if reply is None else reply.code,
        enhanced=None if reply is None else reply.enhanced,
        response=outcome.detail if reply is None else reply.text,
        begun_at=sent.begun_at,
        ended_at=result.at,
    )
