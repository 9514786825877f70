"""The drain tick: profiles that products wrote in SQL become recipients, in order."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from delivery.profiles import Accepts, ProfileError, read_profile
from models.database import Database, DataError, Transaction
from models.profiles import NewProfile
from models.pseudonyms import Pseudonyms
from models.queries.erasing import erasures
from models.queries.folding import suppressions
from models.queries.people import recipients
from models.queries.people.recipients import Change
from models.queries.people.staging import in_parameters

log = structlog.get_logger()


async def drain(database: Database, accepts: Accepts, names: Pseudonyms, limit: int) -> int:
    """Apply the oldest waiting changes; those that cannot be applied are set aside.

    A batch the database refuses is halved until the culprit is alone. What is said of people who
    were erased is forgotten: who returned is told by `PUT /v1/recipients/{id}?anew=true`.

    Returns:
        How many changes were settled; 0 also when somebody else drains right now.

    Raises:
        UnavailableError: Nothing was settled.
    """
    try:
        return await _drain(database, accepts, names, limit)
    except DataError as error:
        if limit > 1:
            return await drain(database, accepts, names, limit // 2)
        return await _set_aside_oldest(database, error)


async def _drain(database: Database, accepts: Accepts, names: Pseudonyms, limit: int) -> int:
    now = await database.tell_time()
    async with database.begin() as tx:
        changes = await _claim(tx, limit)
        if not changes:
            return 0
        said, problems = _read(changes, accepts)
        gone = await tx.run(erasures.erased((each.recipient_id for each in said), names))
        profiles = [each for each in said if each.recipient_id not in gone]
        if profiles:
            for statement in recipients.write_profiles(in_parameters(profiles), now):
                await tx.run(statement)
        await tx.run(recipients.set_aside(problems))
        done = [change.id for change in changes if change.id not in problems]
        await tx.run(recipients.delete_changes(done))
    if gone:
        log.info("profiles.erased", recipients=len(gone))
    # Only after the commit: see models/queries/folding/suppressions.py.
    async with database.begin() as tx:
        found = await tx.run(suppressions.suppressions_of(profiles, names, now))
        if found:
            await tx.run(suppressions.copy_suppressions(profiles, found))
    return len(changes)


async def _claim(tx: Transaction, limit: int) -> list[Change]:
    if not await tx.run(recipients.drain_alone()):
        return []
    return await tx.run(recipients.waiting_changes(limit))


def _read(changes: Sequence[Change], accepts: Accepts) -> tuple[list[NewProfile], dict[UUID, str]]:
    """One profile a recipient, later changes over earlier ones; and what is wrong with others."""
    profiles: dict[str, NewProfile] = {}
    problems: dict[UUID, str] = {}
    for change in changes:
        try:
            profile = read_profile(change.recipient_id, change.profile, accepts)
        except ProfileError as error:
            problems[change.id] = str(error)
            continue
        known = profiles.get(profile.recipient_id)
        profiles[profile.recipient_id] = profile if known is None else known.then(profile)
    return list(profiles.values()), problems


async def _set_aside_oldest(database: Database, error: DataError) -> int:
    async with database.begin() as tx:
        changes = await _claim(tx, 1)
        problems = {change.id: f"The database refused it: {error}" for change in changes}
        return await tx.run(recipients.set_aside(problems))
