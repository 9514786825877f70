"""One worker process: starts the ticks, and on SIGTERM ends them without losing anything."""

import asyncio
import gc
import signal
from contextlib import suppress

import structlog

from models.database import DatabaseError
from models.queries import upkeep
from scheduler import timetable
from scheduler.logs import configure
from scheduler.runtime import Runtime, build_runtime

FINISH_WITHIN = 25.0
"""Seconds that messages on the wire are given after SIGTERM; the process is gone within 30."""
_LISTENER_PAUSE = 5.0
_YOUNG = 50_000
"""New objects after which Python looks for cycles; a batch makes thousands and hardly any."""

log = structlog.get_logger()


async def work(url: str, *, bundled: bool, process: int = 0) -> None:
    """Run every tick until SIGTERM or SIGINT."""
    runtime = build_runtime(url, bundled=bundled)
    runtime.process = process
    configure(runtime.settings.log_format)
    _obey_signals(runtime)
    table = timetable.build(runtime)
    _spare_collector()
    table.start()
    listening = asyncio.create_task(_listen(runtime))
    log.info("worker.started", worker=str(runtime.worker), process=process)
    await runtime.stopping.wait()
    listening.cancel()
    with suppress(TimeoutError):
        await table.stop()
    await _land(runtime)
    table.shutdown()
    await _sign_off(runtime)
    await runtime.close()
    log.info("worker.stopped", worker=str(runtime.worker))


def _obey_signals(runtime: Runtime) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, runtime.stop)


def _spare_collector() -> None:
    """Let the garbage collector pass over what lives as long as we do: a tenth of the CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


async def _land(runtime: Runtime) -> None:
    """Let what is on the wire finish; the rest is in doubt when its lease ends."""
    if runtime.wire:
        log.info("worker.finishing", batches=len(runtime.wire), on_wire=runtime.on_wire)
        await asyncio.wait(runtime.wire, timeout=FINISH_WITHIN)
    for batch in runtime.wire:
        batch.cancel()


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
