"""Writing many recipients at once."""

from collections.abc import Sequence

from models.database import SyncDatabase
from models.profiles import NewProfile
from models.pseudonyms import Pseudonyms
from models.queries.folding import suppressions
from models.queries.people import staging
from models.queries.people.recipients import write_profiles


def copy_profiles(
    database: SyncDatabase, profiles: Sequence[NewProfile], names: Pseudonyms
) -> None:
    """Write thousands of profiles with COPY; twice is as good as once.

    Raises:
        DataError: The database refuses a value; nothing was written.
        UnavailableError: Nothing was written, or only copies of suppressions are missing.
    """
    now = database.now()
    with database.begin() as tx:
        for table in staging.stages():
            tx.run(table)
        for copy in staging.copied(profiles):
            tx.copy(copy)
        for statement in write_profiles(staging.in_tables(profiles), now):
            tx.run(statement)
    # Only after the commit: see models/queries/folding/suppressions.py.
    with database.begin() as tx:
        found = tx.run(suppressions.suppressions_of(profiles, names, now))
        if found:
            tx.run(suppressions.copy_suppressions(profiles, found))
