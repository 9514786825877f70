"""Whom a run is for: its campaign's audience, or people whom an earlier run was for."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from delivery.audiences import condition_of
from delivery.campaigns import following
from delivery.campaigns.launching import event_of
from models import ids
from models.database import Transaction
from models.ids import bucket_of
from models.queries.audiences import catalog, members as belonging
from models.queries.audiences.conditions import where
from models.queries.campaigns import members, runs
from models.queries.folding import engagements
from models.queries.planning.sources import OWN_SOURCE
from models.queries.routing import slice_of
from models.queries.sending import facts
from models.records import By, Run, RunKind
from scheduler.campaigns.work import Work

_ALL = 1 << 31
"""Members of some buckets: all of them."""


async def chosen(
    tx: Transaction, work: Work, family: Sequence[Run], buckets: Collection[int]
) -> set[str]:
    """The recipients of a run in these buckets.

    Args:
        tx: The transaction that freezes them.
        work: The run.
        family: The runs it follows; none where it follows none.
        buckets: Those that are frozen together.
    """
    if work.run.kind not in following.KINDS:
        return await everybody(tx, work, buckets)
    earlier = await _earlier(tx, family, buckets)
    if work.run.kind is RunKind.EXTEND:
        every = await everybody(tx, work, buckets)
        return every - {one for some in earlier.values() for one in some}
    parent = next((run for run in family if run.number == work.run.parent), None)
    if parent is None:
        return set()
    return await _by_what_came(tx, work, parent, earlier.get(parent.run, []))


async def everybody(tx: Transaction, work: Work, buckets: Collection[int]) -> set[str]:
    """The members of a campaign's audience as it was at its launch, from which times count.

    Raises:
        AudienceError: It is gone, or cannot be read.
    """
    if work.body.audience is None:
        return {each for each in work.body.recipients if bucket_of(each) in buckets}
    pinned = work.run.audiences  # of a run that was launched before this was kept: none
    stored = await tx.run(catalog.pinned(pinned) if pinned else catalog.audiences())
    who = where(condition_of(work.body.audience, stored), work.run.launched_at)
    await tx.run(belonging.roomy())
    found = await tx.run(belonging.members(who, slice_of(buckets), None, _ALL))
    return {member.recipient_id for member in found}


async def family_of(tx: Transaction, run: Run) -> list[Run]:
    """The run that one follows, and those that extended that before."""
    if run.parent is None:
        return []
    return following.family(run, await tx.run(runs.of_campaign(run.campaign)))


async def _earlier(
    tx: Transaction, family: Sequence[Run], buckets: Collection[int]
) -> Mapping[UUID, list[str]]:
    return await tx.run(members.known([run.run for run in family], slice_of(buckets)))


async def _by_what_came(
    tx: Transaction, work: Work, parent: Run, recipients: Sequence[str]
) -> set[str]:
    """Those for whom an earlier run's first step came to what this one is for."""
    first = work.body.steps[0]
    event = event_of(parent, work.body, first, work.topic, OWN_SOURCE).event_id
    sent = {
        ids.delivery_id(event, recipient, step.channel, step.key): recipient
        for recipient in recipients
        for step in work.topic.steps
    }
    if not sent:
        return set()
    known = await tx.run(facts.earlier(sent))
    noticed = {
        one.delivery_id
        for one in await tx.run(engagements.kept(list(sent)))
        if one.by in {By.PERSON, By.PROXY}
    }
    came: dict[str, list[following.Came]] = {}
    for delivery, one in known.items():
        seen = one.seen or one.read or delivery in noticed
        came.setdefault(sent[delivery], []).append(following.Came(one.state, seen))
    return {who for who, what in came.items() if following.wanted(work.run.kind, what)}
