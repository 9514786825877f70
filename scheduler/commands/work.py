"""`tidings work`: the scheduler service."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from models import urls
from models.settings import DatabaseSettings
from scheduler.settings import WorkerSettings
from scheduler.work import work as run_worker

_RESTART_PAUSE = 1.0


def work(processes: int | None = None, process: int | None = None) -> None:
    """Plan, gate and send until stopped.

    Args:
        processes: Worker processes; default TIDINGS_WORKER_PROCESSES.
        process: Run as this one of several (used by the parent process).
    """
    wanted = processes or WorkerSettings().worker_processes
    if process is not None or wanted == 1:
        _run_here(process or 0)
        return
    raise SystemExit(_supervise(wanted))


def _run_here(process: int) -> None:
    url, bundled = urls.configured_url(), not DatabaseSettings().database_url
    try:
        import uvloop  # noqa: PLC0415 - absent on some platforms
    except ImportError:
        asyncio.run(run_worker(url, bundled=bundled, process=process))
    else:
        uvloop.run(run_worker(url, bundled=bundled, process=process))


def _start(process: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "scheduler", "work", "--process", str(process)]
    return subprocess.Popen(command)  # noqa: S603 - our own command


def _supervise(processes: int) -> int:
    """Keep so many worker processes alive until told to stop."""
    running = {number: _start(number) for number in range(processes)}
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for child in running.values():
            child.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        time.sleep(_RESTART_PAUSE)
        for number, child in list(running.items()):
            if child.poll() is not None and not stopping:
                running[number] = _start(number)
    for child in running.values():
        child.wait()
    return os.EX_OK
