"""Taking rows in: COPY into our outbox, a thousand rows a transaction, as a bulk producer would."""

import os

import psycopg

from bench.cpu import Meter
from bench.ground import Ground
from bench.measure import Figures
from bench.population import NOTE, emit

_AT_ONCE = 1000


def run(ground: Ground, rows: int) -> Figures:
    """Write so many outbox rows."""
    with ground.database() as url, psycopg.connect(url, autocommit=True) as connection:
        ground.checkpoint()
        with Meter(os.getpid(), ground.postmaster) as meter:
            for start in range(0, rows, _AT_ONCE):
                with connection.transaction():
                    emit(connection, NOTE, min(_AT_ONCE, rows - start), None)
        return meter.figures(rows)
