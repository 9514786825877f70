"""Real `tidings work` processes, each with its own way to the database and to the mail server.

So whatever a worker is about to do passes us first, and it can be killed or frozen right there.
"""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random

from tests.chaos.faulty_mail import FaultyMail
from tests.chaos.steps import STEPS, Step
from tests.postgres_judges import Cut, Seen, Verdict
from tests.postgres_proxy import Proxy

_REPOSITORY = Path(__file__).parents[2]
_REACHED_WITHIN = 10.0
_RESTART_PAUSE = 0.3


class Blow(StrEnum):
    """What happens to a worker."""

    KILL = "kill -9"
    FREEZE = "SIGSTOP, SIGCONT"
    TERM = "SIGTERM"


@dataclass(frozen=True, slots=True)
class Act:
    """One blow at one step."""

    blow: Blow
    step: Step


def deck(dice: Random) -> list[Act]:
    """Every blow at every step, shuffled."""
    cards = [Act(blow, step) for blow in Blow for step in STEPS]
    dice.shuffle(cards)
    return cards


@dataclass
class Toll:
    """What was done to all workers, and how long they took to stop."""

    blows: Counter[tuple[str, str]] = field(default_factory=Counter)
    died: list[int] = field(default_factory=list)
    slowest_stop: float = 0.0


@dataclass
class Worker:
    """One place for a worker process; when one is gone, the next takes it."""

    number: int
    folder: Path
    proxy: Proxy
    mail: FaultyMail
    environment: dict[str, str]
    toll: Toll
    frozen_for: float
    rests: tuple[float, float]
    process: Process | None = None
    able_since: float = float("inf")
    able: asyncio.Event = field(default_factory=asyncio.Event)
    _down: bool = False
    _armed: Act | None = None
    _struck: asyncio.Event = field(default_factory=asyncio.Event)
    _thawed: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Start a process, as an operator would."""
        self._down = False
        self.able.clear()
        self._thawed.set()
        query = "?tls=starttls&verify=no" if self.mail.tls else "?tls=none"
        settings = {
            "TIDINGS_DATABASE_URL": self.proxy.url,
            "TIDINGS_SMTP_URL": f"smtp://127.0.0.1:{self.mail.port}{query}",
        }
        with (self.folder / f"worker-{self.number}.log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "scheduler", "work",
                cwd=self.folder, env={**self.environment, **settings}, stdout=log, stderr=log,
            )  # fmt: skip

    async def judge(self, seen: Seen) -> Verdict:
        """What the proxy asks about each statement."""
        if self.able_since == float("inf") and seen.text and not self._down:
            self.able_since = time.monotonic()
            self.able.set()
        act = self._armed
        if act is None or act.step.reached is None or not act.step.reached(seen):
            return None
        return await self._strike(act)

    async def watch(self, step: Step) -> None:
        """What the mail server tells."""
        if self._armed is not None and self._armed.step is step:
            await self._strike(self._armed)

    async def _strike(self, act: Act) -> Verdict:
        self._armed = None
        self._signal(act.blow)
        self._struck.set()
        if act.blow is Blow.FREEZE:
            await self._thawed.wait()
        return Cut() if act.blow is Blow.KILL else None

    def _signal(self, blow: Blow) -> None:
        numbers = {
            Blow.KILL: signal.SIGKILL,
            Blow.FREEZE: signal.SIGSTOP,
            Blow.TERM: signal.SIGTERM,
        }
        assert self.process is not None
        if blow is Blow.FREEZE:
            self._thawed.clear()
        self._down = True  # also who ends looks for nobody's rows any more
        self.able_since = float("inf")
        if self.process.returncode is None:
            self.process.send_signal(numbers[blow])

    async def suffer(self, acts: list[Act], calm: asyncio.Event, dice: Random) -> None:
        """Take the blows, again and again, until it is calm; be alive then."""
        while not calm.is_set():
            for act in acts:
                await _unless(calm, dice.uniform(*self.rests))
                if calm.is_set():
                    break
                await self._be_alive()
                await self.take(act, calm)
        await self._be_alive()

    async def _be_alive(self) -> None:
        assert self.process is not None
        if self.process.returncode is not None:
            self.toll.died.append(self.process.returncode)
            await self._again()

    async def _again(self) -> None:
        self.able_since = float("inf")
        await asyncio.sleep(_RESTART_PAUSE)
        await self.start()

    async def take(self, act: Act, calm: asyncio.Event) -> None:
        """Be hit where the act says, and be alive again; nothing, when that is not reached."""
        assert self.process is not None
        self._struck.clear()
        self._armed = act
        try:
            async with asyncio.timeout(_REACHED_WITHIN):
                await self._struck.wait()
        except TimeoutError:
            self._armed = None
            return  # nothing to do just then, or no database
        self.toll.blows[act.blow, act.step.name] += 1
        if act.blow is Blow.FREEZE:
            await _unless(calm, self.frozen_for)
            self.process.send_signal(signal.SIGCONT)
            self._down = False
            self._thawed.set()
            return
        asked = time.monotonic()
        await self.process.wait()
        if act.blow is Blow.TERM:
            self.toll.slowest_stop = max(self.toll.slowest_stop, time.monotonic() - asked)
        await self._again()

    async def stop(self) -> None:
        """End it as an operator would, once it works."""
        assert self.process is not None
        await self.able.wait()
        asked = time.monotonic()
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()
        self.toll.slowest_stop = max(self.toll.slowest_stop, time.monotonic() - asked)
        if self.process.returncode:
            self.toll.died.append(self.process.returncode)


async def _unless(calm: asyncio.Event, seconds: float) -> None:
    """Sleep so long, or until it is calm."""
    try:
        async with asyncio.timeout(seconds):
            await calm.wait()
    except TimeoutError:
        pass


def environment(folder: Path, lease: float) -> dict[str, str]:
    """The settings that all workers share."""
    return {
        **{name: value for name, value in os.environ.items() if name[:8] != "TIDINGS_"},
        "PYTHONPATH": str(_REPOSITORY),
        "TIDINGS_DATA_DIR": str(folder),
        "TIDINGS_SECRET_KEY": "chaos" * 8,
        "TIDINGS_ENVIRONMENT": "production",
        "TIDINGS_MAIL_FROM": "Chaos <news@chaos.example>",
        "TIDINGS_LOG_FORMAT": "json",
        "TIDINGS_WORKER_LEASE": str(lease),
    }
