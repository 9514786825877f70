"""One timer for a connection's deadlines, which move with every answer."""

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable


class Watchdog:
    """Barks once when the time it was given runs out.

    Deadlines move several times a message but are hardly ever met: a later deadline leaves
    the armed timer alone, which looks again when it goes off.
    """

    def __init__(self, loop: AbstractEventLoop, bark: Callable[[], None]) -> None:
        self._loop = loop
        self._bark = bark
        self._deadline = 0.0
        self._timer: TimerHandle | None = None
        self._rings_at = 0.0

    def expect(self, seconds: float) -> None:
        """Bark in so many seconds, unless told otherwise before."""
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._deadline < self._rings_at:
            self._arm()

    def stop(self) -> None:
        """Never bark again."""
        if self._timer:
            self._timer.cancel()
        self._timer = None

    def _arm(self) -> None:
        self.stop()
        self._rings_at = self._deadline
        self._timer = self._loop.call_at(self._deadline, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._loop.time() < self._deadline:
            self._arm()
        else:
            self._bark()
