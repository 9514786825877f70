"""What happens to deliveries whose time has come: the verdict, the address, the trace. Pure."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from delivery import slots, trace
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
    draft: Draft


def decide(row: DueRow, topic: Topic, facts: Facts, rules: Rules, now: datetime) -> Decision:
    """Keep, hold, skip or expire one due row."""
    draft = _draft(row, topic, rules)
    verdict, checks = judge(DUE, draft, facts, now)
    reached = facts.usable(row.channel, topic.category, now)
    address = None if reached is None else reached.address
    told = trace.extend(row.trace, "gate", checks)
    return Decision(row, topic, draft.step, facts, verdict, address, told, draft)


@dataclass
class Round:
    """Rows decided one after the other: what is kept before counts for what comes after.

    Attributes:
        facts: What is known of each recipient, as the decisions so far have left it.
        changed: Recipients whose ledgers are no longer as they were read.
    """

    facts: dict[str, Facts]
    changed: set[str] = field(default_factory=set)

    def decide(self, row: DueRow, topic: Topic, rules: Rules, now: datetime) -> Decision:
        """Decide about one row, and keep in mind what follows from it for the next."""
        facts = self.facts[row.recipient_id]
        decision = decide(row, topic, facts, rules, now)
        ledger = slots.after(decision.verdict, decision.draft, facts.ledger, now)
        if ledger is not facts.ledger:
            self.facts[row.recipient_id] = replace(facts, ledger=ledger)
            self.changed.add(row.recipient_id)
        return decision


def _draft(row: DueRow, topic: Topic, rules: Rules) -> Draft:
    return Draft(
        recipient_id=row.recipient_id,
        channel=row.channel,
        topic=topic,
        step=_step(row, topic),
        actor=row.actor,
        expires_at=row.expires_at,
        test=row.test,
        rules=rules,
        delivery_id=row.delivery_id,
        event_id=row.event_id,
        campaign=row.campaign,
        tags=row.tags,
        doubted=row.doubts > 0,
        content=None if topic.same_content == timedelta() else row.content,
        wanted_at=row.wanted_at,
    )


def _step(row: DueRow, topic: Topic) -> Step:
    """The row's step; one that was taken off the topic since keeps its channel, without words."""
    for step in topic.steps:
        if step.key == row.step:
            return step
    return Step(row.step, row.channel, None)
