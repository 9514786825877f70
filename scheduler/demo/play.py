"""Playing a day: its people are introduced, then its rows are written when their time comes."""

import signal
import time
from collections.abc import Iterator, Sequence
from types import FrameType

from models.database import SyncDatabase
from models.pseudonyms import Pseudonyms
from models.queries import shards
from models.queries.folding.suppressions import copies, suppress
from models.queries.people.preferences import choose
from models.queries.planning import demo
from models.queries.planning.sources import OWN_SOURCE
from models.records import Author, Via
from scheduler.demo.pace import Pace
from scheduler.demo.people import Cast
from scheduler.demo.replay import Offer
from scheduler.planning.copying import copy_profiles

_DEMO = Author("demo", Via.COMMAND)
_PEOPLE_AT_ONCE = 5000
_ROWS_AT_ONCE = 2000
"""Most rows of one COPY, so that planners need not wait long for the first."""
_PAUSE = 0.1
"""Seconds between two looks at the clock."""


class Stop:
    """Whether somebody asked us to stop, by SIGTERM or SIGINT; a transaction is not cut."""

    def __init__(self) -> None:
        self.asked = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


def introduce(database: SyncDatabase, cast: Cast, names: Pseudonyms) -> None:
    """Write who takes part; twice is as good as once."""
    now = database.now()
    for start in range(0, len(cast.profiles), _PEOPLE_AT_ONCE):
        copy_profiles(database, cast.profiles[start : start + _PEOPLE_AT_ONCE], names)
    with database.begin() as tx:
        where = tx.follow(shards.learned())
        tx.follow(choose(cast.preferences, _DEMO, now, where))
    for suppression in cast.suppressions:
        with database.begin() as tx:
            tx.follow(suppress(suppression, now))
        for statement in copies(suppression):
            with database.begin() as tx:
                tx.run(statement)


def taken_before(database: SyncDatabase, offers: Sequence[Offer]) -> frozenset[str]:
    """Dedup keys of the rows that are events already."""
    keys = {offer.row.dedup_key for offer in offers}
    now = database.now()
    with database.begin() as tx:
        return frozenset(tx.run(demo.taken(OWN_SOURCE, keys, now)))


def play(database: SyncDatabase, offers: Sequence[Offer], pace: Pace, stop: Stop) -> Iterator[int]:
    """Write each row into the outbox when its time comes.

    Yields:
        How many rows were just committed.
    """
    began, done = time.monotonic(), 0
    while done < len(offers) and not stop.asked:
        due = pace.due(offers, time.monotonic() - began)
        batch = offers[done : min(due, done + _ROWS_AT_ONCE)]
        if not batch:
            time.sleep(_PAUSE)
            continue
        with database.begin() as tx:
            tx.copy(demo.write_outbox([offer.row for offer in batch]))
        done += len(batch)
        yield len(batch)
