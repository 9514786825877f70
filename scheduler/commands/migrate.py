"""`tidings migrate`: the schema up to date, and partitions for the days ahead."""

from pathlib import Path
from typing import Annotated

import typer

from models import schema, urls
from models.database import SyncDatabase
from models.ids import day_of
from models.queries.keeping import partitions


def upgrade(url: str) -> None:
    """Bring a database's schema up to date; safe to run twice and from several processes."""
    schema.upgrade(url)
    database = SyncDatabase.connect(url, "tidings migrate")
    try:
        with database.begin() as tx:
            existing = tx.run(partitions.existing_partitions())
        days = partitions.days_from(day_of(database.now()))
        for table, day in partitions.missing(existing, days):
            with database.begin() as tx:
                for statement in partitions.make_partition(table, day):
                    tx.run(statement)
    finally:
        database.close()


def migrate(
    after_restore: Annotated[
        str | None,
        typer.Option(
            metavar="MOMENT",
            help="The database was restored to this moment: what may have been sent since is in"
            " doubt. Run it before any worker starts.",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="When the lost history ended; default: now.")
    ] = None,
    erasures: Annotated[
        Path | None,
        typer.Option(help="The newest `tidings recipients erasures --json`: done once more."),
    ] = None,
) -> None:
    """Bring the schema of the configured database up to date."""
    url = urls.configured_url()
    upgrade(url)
    if after_restore is None and erasures is None:
        return
    from scheduler.commands import erased_again, replay  # noqa: PLC0415 - few starts restore

    if erasures is not None:
        erased_again.repeat(url, erasures)
    if after_restore is not None:
        replay.mark(url, after_restore, until)
