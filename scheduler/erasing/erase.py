"""The erasure tick: what is kept of somebody goes, step by step, each in a transaction of its own.

How far it came is written in the transaction that came so far, so a worker that dies loses
nothing, and every step finds only what is still there. All steps are gone through twice: what was
being planned or sent when it began is written by then, and found by the second sweep.
"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from models.database import Database
from models.people import AuditEntry
from models.pseudonyms import Pseudonyms
from models.queries.console import people
from models.queries.erasing import erasures
from models.queries.routing import TOGETHER, Shards
from models.records import Erasure
from scheduler.erasing.steps import STEPS, Did, Job
from scheduler.runtime import Runtime

SETTLED_AFTER = timedelta(seconds=15)
"""After the request, when no worker knows the old state any more: caches are older, and
transactions that began before it are over."""
LOOK_AGAIN = timedelta(seconds=5)
"""When it is looked again whether what is being sent was recorded."""
ERASED = "erased a recipient"
_AT_ONCE = 20

log = structlog.get_logger()


async def step(runtime: Runtime) -> int:
    """Bring on the erasures that are due; how many steps were taken."""
    took = 0
    for slice_ in runtime.shards.slices:
        now = await runtime.database.tell_time()
        for pseudonym in await runtime.database.run(erasures.due(slice_, now, _AT_ONCE)):
            worker = Eraser(runtime.database, runtime.pseudonyms, runtime.shards)
            while not runtime.stopping.is_set() and await worker.advance(pseudonym):
                took += 1
    return took


class Eraser:
    """Takes steps of erasures on a database."""

    def __init__(self, database: Database, names: Pseudonyms, shards: Shards = TOGETHER) -> None:
        self._database, self._names, self._shards = database, names, shards

    async def advance(self, pseudonym: str) -> bool:
        """Take one step; whether there is another to take now."""
        now = await self._database.tell_time()
        async with self._database.begin() as tx:
            for erasure in await tx.run(erasures.lock(pseudonym, now)):
                name = erasure.step or next(iter(STEPS))
                job = Job(tx, replace(erasure, step=name), self._names, self._shards, now)
                further, due_at = after(job.erasure, await STEPS[name](job), now)
                if further is not None:
                    await tx.run(erasures.advance(further, due_at))
                    return due_at <= now
                await tx.run(erasures.finish(erasure, now))
                await tx.run(people.write_audit(_certificate(erasure, now)))
                log.info("recipient.erased", pseudonym=pseudonym)
        return False


def after(erasure: Erasure, did: Did, now: datetime) -> tuple[Erasure | None, datetime]:
    """Where an erasure stands after a step, and when it goes on; `None`: it is done."""
    done = dict(Counter(erasure.done) + Counter(did.rows))
    here = replace(erasure, done=done, place=did.place or "")
    if did.waits and erasure.sweep > 1:
        return here, now + LOOK_AGAIN
    if did.place is not None:
        return here, now
    names = list(STEPS)
    behind = names[names.index(erasure.step) + 1 :]
    if behind:
        return replace(here, step=behind[0]), now
    if erasure.sweep == 1:
        return replace(here, sweep=2, step=names[0]), max(now, erasure.requested_at + SETTLED_AFTER)
    return None, now


def _certificate(erasure: Erasure, now: datetime) -> AuditEntry:
    """What was done, when and for whom: nothing in it tells who it was."""
    detail = {
        "requested_at": erasure.requested_at.isoformat(),
        "rows": dict(sorted(erasure.done.items())),
    }
    return AuditEntry(
        now, erasure.requested_by, ERASED, erasure.pseudonym, detail, why=erasure.reason
    )
