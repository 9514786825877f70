"""What is forbidden right now, as this process knows it: at most a second old."""

import time
from collections.abc import Mapping, Sequence

import structlog

from delivery.reputation.scopes import Paused
from delivery.roads.switches import BLIND, Stops, stops
from models.database import Database, UnavailableError
from models.queries.campaigns import campaigns
from models.queries.configuring import controls
from models.queries.keeping import reputations
from models.records import STOPPED, Switch, Trust

_FRESH = 0.5
"""Seconds after which the switches are read again."""
_BLIND_AFTER = 30.0
"""Seconds without an answer after which only critical deliveries go."""
_STILL_HELD = 2.0
"""Seconds after a lift in which another worker, that has not heard of it, may still hold rows."""

log = structlog.get_logger()


class Controls:
    """The kill switches; while they cannot be read, what was read last, for half a minute.

    Attributes:
        stops: What is stopped.
        trust: Scopes in which promotional mail waits for our reputation, or goes slowly.
    """

    def __init__(self) -> None:
        self.stops = BLIND
        self.trust: Mapping[str, Trust] = {}
        self._known = Stops()
        self._blind = False
        self._read_at = self._asked_at = self._wake_until = float("-inf")

    async def refresh(self, database: Database) -> None:
        """Read the switches again when they were read more than half a second ago."""
        if time.monotonic() - self._asked_at > _FRESH:
            await self.reread(database)

    async def reread(self, database: Database) -> None:
        """Read the switches; a database that does not answer is no reason to stop at once."""
        self._asked_at = time.monotonic()
        try:
            async with database.begin() as tx:
                switches = await tx.run(controls.switches())
                paused = await tx.run(campaigns.held())
                trust = await tx.run(reputations.stopped_or_slow())
            self._see(switches, paused)
            self._see_trust(trust)
        except UnavailableError as error:
            self._miss(error)

    def wakes(self) -> bool:
        """Whether something was lifted just now, so that what it held back may go again."""
        return time.monotonic() < self._wake_until

    def lift(self) -> None:
        """Something that held rows back is over."""
        self._wake_until = time.monotonic() + _STILL_HELD

    def _see(self, switches: Sequence[Switch], paused: Sequence[str]) -> None:
        known = stops(switches, paused)
        # At the start nobody knows what was lifted before: what no switch can hold is let go.
        first = self._read_at == float("-inf")
        if not known if first else known.lifted_since(self.stops):
            self.lift()
        if known != self._known or self._blind:
            log.info(
                "switches.changed", on=sorted(switch.name for switch in switches), paused=paused
            )
        self._read_at, self._blind = self._asked_at, False
        self.stops = self._known = known

    def _see_trust(self, trust: Mapping[str, Trust]) -> None:
        if _stopped(self.trust) - _stopped(trust):
            self.lift()
        self.trust = trust

    def paused(self, sender: str) -> Paused:
        """Where promotional mail of this sending domain waits or goes slowly."""
        slow = self.trust.keys() - _stopped(self.trust)
        return Paused(_stopped(self.trust), frozenset(slow), sender) if self.trust else Paused()

    def _miss(self, error: UnavailableError) -> None:
        if self._asked_at - self._read_at > _BLIND_AFTER and not self._blind:
            log.warning("switches.unreadable", error=str(error))
            self._blind = True
            self.stops = self._known.together(BLIND)


def _stopped(trust: Mapping[str, Trust]) -> frozenset[str]:
    return frozenset(scope for scope, state in trust.items() if state in STOPPED)
