"""What happens to deliveries whose time has come: the verdict, the address, the trace. Pure."""

from dataclasses import dataclass
from datetime import datetime

from delivery import trace
from delivery.policies import DUE, judge
from delivery.ports import Draft, Rules
from delivery.verdicts import Verdict
from models.records import DueRow, Facts, Step, Topic


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one due row.

    Attributes:
        address: The one address it would go to; `None` on in-app and where it goes nowhere.
        trace: Every check so far, as JSON text.
    """

    row: DueRow
    topic: Topic
    step: Step
    facts: Facts
    verdict: Verdict
    address: str | None
    trace: str


def decide(row: DueRow, topic: Topic, facts: Facts, rules: Rules, now: datetime) -> Decision:
    """Keep, hold, skip or expire one due row."""
    step = _step(row, topic)
    draft = _draft(row, topic, step, rules)
    verdict, checks = judge(DUE, draft, facts, now)
    reached = facts.usable(row.channel, now)
    address = None if reached is None else reached.address
    return Decision(
        row, topic, step, facts, verdict, address, trace.extend(row.trace, "gate", checks)
    )


def _draft(row: DueRow, topic: Topic, step: Step, rules: Rules) -> Draft:
    return Draft(
        row.recipient_id, row.channel, topic, step, row.actor, row.expires_at, row.test, rules,
        delivery_id=row.delivery_id, campaign=row.campaign, tags=row.tags,
    )  # fmt: skip


def _step(row: DueRow, topic: Topic) -> Step:
    """The row's step; one that was taken off the topic since keeps its channel, without words."""
    for step in topic.steps:
        if step.key == row.step:
            return step
    return Step(row.step, row.channel, None)
