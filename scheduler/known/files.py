"""The files that mails carry, as far as a worker read them lately."""

from collections import OrderedDict
from datetime import datetime, timedelta

from delivery.files import MOST
from models.database import Database
from models.queries.configuring import files
from models.records import File

_FRESH = timedelta(seconds=60)
"""How long a file is known: one that was removed goes with nothing after that."""
_ROOM = 4 * MOST
"""Octets of files that are known at once."""


class Files:
    """What was read, the latest last."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[File, datetime]] = OrderedDict()

    async def get(self, database: Database, key: str) -> File | None:
        """A file; `None` where there is none."""
        now = await database.tell_time()
        known = self._known.get(key)
        if known is not None and now - known[1] < _FRESH:
            return known[0]
        found = await database.run(files.find(key))
        self._known.pop(key, None)
        if found is not None:
            self._known[key] = found, now
            self._make_room()
        return found

    def _make_room(self) -> None:
        while sum(file.size for file, _ in self._known.values()) > _ROOM:
            self._known.popitem(last=False)
