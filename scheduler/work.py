"""One worker process: starts the ticks, and on SIGTERM ends them without losing anything."""

import asyncio
import os
import signal
import threading
from contextlib import suppress
from functools import partial

import structlog

from models.database import DatabaseError
from models.queries.keeping import upkeep
from scheduler import collector, timetable
from scheduler.known.shards import learn
from scheduler.logs import configure
from scheduler.runtime import Runtime, build_runtime
from scheduler.ticking.insistence import insist

FINISH_WITHIN = 20.0
"""Seconds after SIGTERM that ticks and messages on the wire are given to end by themselves."""
GONE_WITHIN = 30.0
"""Seconds after SIGTERM in which all is over: what was cut off on the wire is in doubt by then."""
_FAREWELL = 1.0
"""Seconds kept for saying goodbye to the database."""
_LISTENER_PAUSE = 5.0

log = structlog.get_logger()


async def work(url: str, *, bundled: bool, process: int = 0) -> None:
    """Run every tick until SIGTERM or SIGINT."""
    runtime = build_runtime(url, bundled=bundled)
    runtime.process = process
    configure(runtime.settings.log_format)
    _obey_signals(runtime)
    table = timetable.build(runtime)
    collector.spare()
    await _learn(runtime)
    table.start()
    listening = asyncio.create_task(_listen(runtime))
    log.info("worker.started", worker=str(runtime.worker), process=process)
    await runtime.stopping.wait()
    asked = asyncio.get_running_loop().time()
    _end_at_last()
    listening.cancel()
    with suppress(TimeoutError):
        await table.stop()
    table.shutdown()
    await _land(runtime, asked)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(asked + GONE_WITHIN - _FAREWELL):
            await _sign_off(runtime)
            await runtime.close()
    log.info("worker.stopped", worker=str(runtime.worker))


async def _learn(runtime: Runtime) -> None:
    """Know where the buckets lie before anything is claimed, however long the database is away."""
    learning = asyncio.create_task(insist(runtime.outage, partial(learn, runtime)))
    stopping = asyncio.create_task(runtime.stopping.wait())
    await asyncio.wait((learning, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if learning.done():
        learning.result()
    learning.cancel()


def _obey_signals(runtime: Runtime) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, runtime.stop)


def _end_at_last() -> None:
    """Be gone in time, though a database answers neither statements nor that they are given up."""

    def end() -> None:
        log.warning("worker.broke_off")
        os._exit(os.EX_OK)

    last = threading.Timer(GONE_WITHIN - _FAREWELL / 2, end)
    last.daemon = True
    last.start()


async def _land(runtime: Runtime, asked: float) -> None:
    """Let what is on the wire finish, then cut it off: each message gets its true end recorded.

    Before its final dot it was not sent and goes again; after it, it is in doubt. What cannot be
    recorded any more is told apart when its lease ends.
    """
    await _wait(runtime, asked + FINISH_WITHIN)
    if runtime.wire:
        log.warning("worker.cuts_off", batches=len(runtime.wire), on_wire=runtime.on_wire)
        async with asyncio.TaskGroup() as closing:
            for provider in runtime.providers.values():
                closing.create_task(provider.close())
        await _wait(runtime, asked + GONE_WITHIN - _FAREWELL)
    for batch in runtime.wire:
        batch.cancel()


async def _wait(runtime: Runtime, until: float) -> None:
    if runtime.wire:
        log.info("worker.finishing", batches=len(runtime.wire), on_wire=runtime.on_wire)
        left = until - asyncio.get_running_loop().time()
        await asyncio.wait(runtime.wire, timeout=max(left, 0.0))


async def _sign_off(runtime: Runtime) -> None:
    try:
        async with runtime.database.begin() as tx:
            await tx.run(upkeep.sign_off(runtime.worker))
    except DatabaseError as error:
        log.warning("worker.not_signed_off", error=str(error))


async def _listen(runtime: Runtime) -> None:
    """Wake the plan tick when the API says that rows came: a hint, polling is the truth."""
    while True:
        try:
            async for _ in runtime.database.listen("tidings_outbox"):
                runtime.outbox_came.ring()
        except DatabaseError:
            await asyncio.sleep(_LISTENER_PAUSE)
