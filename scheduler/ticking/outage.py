"""One line when a database goes away, one when it is back, however many notice."""

import time

import structlog

from models.database import UnavailableError

log = structlog.get_logger()


class Outage:
    """Who of one process cannot go on because of one database.

    It is over when all of them could: one that only reads may well, while the disk is full.
    """

    def __init__(self, database: str = "ours") -> None:
        self._database = database
        self._stopped: set[object] = set()
        self._since = 0.0

    def hit(self, who: object, error: UnavailableError) -> None:
        """Somebody could not go on."""
        if not self._stopped:
            self._since = time.monotonic()
            log.warning(
                "database.unavailable",
                database=self._database,
                error=str(error),
                sqlstate=error.code,
            )
        self._stopped.add(who)

    def over(self, who: object) -> None:
        """Somebody could go on, or is no longer there."""
        if who not in self._stopped:
            return
        self._stopped.remove(who)
        if not self._stopped:
            away = round(time.monotonic() - self._since, 1)
            log.info("database.back", database=self._database, seconds=away)
