"""`tidings migrate`: the schema up to date, and partitions for the days ahead."""

from models import schema
from models.database import SyncDatabase
from models.ids import day_of
from models.queries import partitions


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


def migrate() -> None:
    """Bring the schema of the configured database up to date."""
    upgrade(schema.configured_url())
