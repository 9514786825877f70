"""The run that a launch makes of a campaign, and the event that each of its steps is. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery.campaigns import fanning, following, moments
from delivery.campaigns.assigning import stages
from delivery.campaigns.body import CampaignBody, Step
from delivery.campaigns.document import as_document, read
from delivery.extras import Extras, written
from delivery.planning import hashed
from delivery.reading import priority_of
from models import ids
from models.records import Live, Run, RunKind, RunState, Stage, StageState, StoredEvent, Topic
from models.records.campaigns import Known


@dataclass(frozen=True, slots=True)
class Launch:
    """What somebody wants to launch.

    Attributes:
        parent: The number of the run it follows; `None`: the last one.
        occasion: The moment of a recurring schedule.
        document: What it says instead of what the run before it said.
    """

    kind: RunKind
    by: str
    now: datetime
    parent: int | None = None
    occasion: datetime | None = None
    document: Mapping[str, Any] | None = None


def prepare(
    document: Mapping[str, Any], before: Sequence[Run], known: Known, launch: Launch
) -> Run | datetime:
    """The next run of a campaign, or the first moment of one that recurs.

    What it needs is asked again: topics and templates may have changed since it was saved.

    Raises:
        CampaignError: Its document does not fit what there is any more.
        ValueError: There is no run that it could follow.
    """
    parent: Run | None = None
    if launch.kind in following.KINDS:
        parent = following.parent_of(launch.kind, before, launch.parent)
        document = following.document_of(launch.kind, launch.document or parent.document)
    body = read(document, known, launch.now)
    recurring = body.schedule.recurring
    if recurring is not None and launch.kind is RunKind.LAUNCH:
        return recurring.after(launch.now + moments.UNDO) or launch.now
    named = replace(launch, parent=None if parent is None else parent.number)
    made = _run(body, before, pinned(body, known.topics[body.topic], known.live), named)
    return replace(made, audiences=known.audiences if body.audience else {})


def _run(
    body: CampaignBody, before: Sequence[Run], versions: Mapping[str, int], launch: Launch
) -> Run:
    """The next run: numbered, with what it says and when fixed."""
    number = max((run.number for run in before), default=0) + 1
    start = launch.now if launch.occasion else moments.starts_at(body.schedule, launch.now)
    return Run(
        run=ids.campaign_run_id(body.key, number),
        campaign=body.key,
        number=number,
        kind=launch.kind,
        parent=launch.parent,
        state=RunState.FREEZING,
        document=as_document(body),
        versions=versions,
        launched_at=launch.now,
        launched_by=launch.by,
        starts_at=start,
        occasion=launch.occasion,
    )


def pinned(body: CampaignBody, topic: Topic, live: Mapping[str, Live]) -> dict[str, int]:
    """The versions of all templates a campaign may say, as they are live now."""
    return {key: live[key].version for key in set(fanning.templates(body, topic)) if key in live}


def planned_stages(run: Run, body: CampaignBody) -> list[Stage]:
    """All stages of a run; the first one opens when the run starts."""
    first = stages(body)[0]
    return [
        Stage(
            run.run, step.key, stage,
            run.starts_at if (step.key, stage) == (body.steps[0].key, first) else None,
            StageState.WAITING,
        )
        for step in body.steps
        for stage in stages(body)
    ]  # fmt: skip


def event_of(run: Run, body: CampaignBody, step: Step, topic: Topic, source: UUID) -> StoredEvent:
    """The event that a step of a run is: the same, whoever computes it and whenever.

    Its day follows from when the run starts, not from when somebody looks.
    """
    at = run.starts_at + step.after
    data = json.dumps(dict(body.data))
    event = StoredEvent(
        event_id=ids.event_id(source, ids.campaign_step_id(run.run, step.key), ids.day_of(at)),
        topic=topic.key, data=data, actor=None, thread=None, tags=None, locale=None, tenant=None,
        priority=priority_of(topic.klass, None), not_before=None, expires_at=None, test=False,
        created_at=at, keyed=True,
        extras=written(Extras(body.reply_to, tuple(body.attachments))),
    )  # fmt: skip
    return hashed(event, data, topic)


def later_steps(body: CampaignBody, opened: datetime) -> dict[str, datetime]:
    """When the steps after the first open in a stage that was opened then."""
    return {step.key: opened + step.after for step in body.steps[1:]}
