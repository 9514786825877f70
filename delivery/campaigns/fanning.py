"""From the members of a run to their deliveries. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from delivery import planning, trace
from delivery.campaigns.body import FIRST, CampaignBody
from models.reasons import Hold, Skip
from models.records import CampaignMember, NewDelivery, Run, StoredEvent, Topic
from models.states import DeliveryState


@dataclass(frozen=True, slots=True)
class Sending:
    """One step of a run: what everybody in it gets, but for their variant and their moment."""

    run: Run
    body: CampaignBody
    step: str
    event: StoredEvent
    topic: Topic

    def variant(self, member: CampaignMember) -> str:
        """The variant somebody gets: their own, else the one that won."""
        return member.variant or self.run.winner or ""

    def mark(self, variant: str) -> planning.Mark:
        """What the messages of those who get a variant carry."""
        counted = cohort(self.run.number, self.step, variant)
        return planning.Mark(self.run.campaign, counted, self.said(variant), self.run.versions)

    def said(self, variant: str) -> Mapping[str, str]:
        """Step of the topic to the template it says there; the version is the run's."""
        chosen = self.body.templates(self.step, variant)
        told = {one.key: chosen.get(one.channel, one.template) for one in self.topic.steps}
        return {key: template for key, template in told.items() if template is not None}


def cohort(run: int, step: str, variant: str) -> str:
    """How the messages of a run, a step and a variant are counted together."""
    return f"{run}/{step}/{variant}"


def cohorts(run: Run) -> list[str]:
    """All parts of a run that are counted; told from its bare document, also where it is old."""
    steps = run.document.get("steps") or [{"key": FIRST}]
    variants = ["", *(one["key"] for one in run.document.get("variants", ()))]
    return [cohort(run.number, one["key"], variant) for one in steps for variant in variants]


def deliveries(
    sending: Sending,
    members: Sequence[tuple[CampaignMember, datetime]],
    reached: Collection[str],
    now: datetime,
) -> Iterator[NewDelivery]:
    """Every member's deliveries, each due at the member's moment.

    Args:
        sending: What they get.
        members: Whom it goes to, and when.
        reached: Those of them who did already what the campaign is for.
        now: When it is planned.
    """
    moments = {member.recipient_id: at for member, at in members}
    by_variant: dict[str, list[str]] = {}
    for member, _ in members:
        by_variant.setdefault(sending.variant(member), []).append(member.recipient_id)
    for variant, who in by_variant.items():
        for made in planning.plan(sending.event, sending.topic, who, now, sending.mark(variant)):
            moved = _later(made, moments[made.recipient_id], now)
            yield _met(moved) if made.recipient_id in reached else moved


def _later(made: NewDelivery, at: datetime, now: datetime) -> NewDelivery:
    """Due at a later moment, and useful as much longer."""
    more = at - now
    if more.total_seconds() <= 0:
        return made
    held = made.held_for or Hold.NOT_BEFORE
    expires = made.expires_at and made.expires_at + more
    return made._replace(due_at=made.due_at + more, expires_at=expires, wanted_at=at, held_for=held)


def _met(made: NewDelivery) -> NewDelivery:
    check = ("goal", f"skip:{Skip.GOAL_REACHED}", "")
    told = trace.extend(made.trace, "plan", (check,))
    return made._replace(
        state=DeliveryState.SKIPPED, reason=Skip.GOAL_REACHED, held_for=None, trace=told
    )


def templates(body: CampaignBody, topic: Topic) -> Iterable[str]:
    """All templates a campaign may say."""
    for step in body.steps:
        for variant in ("", *(one.key for one in body.variants)):
            chosen = body.templates(step.key, variant)
            yield from (t for one in topic.steps if (t := chosen.get(one.channel, one.template)))
