"""Waking ticks: each listens with an ear of its own, so none takes the ring from another."""

import asyncio


class Bell:
    """Rung when there may be work; a ring that nobody waits for is kept until somebody looks."""

    def __init__(self) -> None:
        self._ears: list[asyncio.Event] = []

    def ear(self) -> asyncio.Event:
        """An event for one listener, set by every ring."""
        ear = asyncio.Event()
        self._ears.append(ear)
        return ear

    def ring(self) -> None:
        """Wake everybody."""
        for ear in self._ears:
            ear.set()
