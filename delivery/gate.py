"""What happens to deliveries whose time has come: the verdict, the address, the trace. Pure."""

from collections.abc import Mapping, Sequence
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


def decide(row: DueRow, draft: Draft, facts: Facts, now: datetime) -> Decision:
    """Keep, hold, skip or expire one due row."""
    verdict, checks = judge(DUE, draft, facts, now)
    reached = facts.usable(row.channel, draft.topic.category, now)
    address = None if reached is None else reached.address
    told = trace.extend(row.trace, "gate", checks)
    return Decision(row, draft.topic, draft.step, facts, verdict, address, told, draft)


@dataclass
class Round:
    """Rows decided one after the other: what is kept before counts for what comes after.

    Attributes:
        facts: What is known of each recipient, as the decisions so far have left it.
        topics: Those of the rows and their rivals.
        rivals: Due rows by recipient about which somebody else decides.
        changed: Recipients whose ledgers are no longer as they were read.
    """

    facts: dict[str, Facts]
    topics: Mapping[str, Topic]
    rivals: Mapping[str, Sequence[DueRow]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def decide(self, row: DueRow, rules: Rules, now: datetime) -> Decision:
        """Decide about one row, and keep in mind what follows from it for the next."""
        facts = self.facts[row.recipient_id]
        ahead = tuple(
            draft_of(rival, self.topic(rival), rules)
            for rival in self.rivals.get(row.recipient_id, ())
            if importance(rival) < importance(row)
        )
        draft = replace(draft_of(row, self.topic(row), rules), rivals=ahead)
        decision = decide(row, draft, facts, now)
        ledger = slots.after(decision.verdict, decision.draft, facts, now)
        if ledger is not facts.ledger:
            self.facts[row.recipient_id] = replace(facts, ledger=ledger)
            self.changed.add(row.recipient_id)
        return decision

    def topic(self, row: DueRow) -> Topic:
        """A row's topic; what stands for one that was removed since has no template any more."""
        return self.topics.get(row.topic) or Topic(row.topic, row.topic, row.topic, row.klass, ())


def importance(row: DueRow) -> tuple[int, datetime, datetime]:
    """The order in which rows are decided: by priority, then the one that waits longest."""
    return -(row.lane // 16), row.due_at, row.created_at


def draft_of(row: DueRow, topic: Topic, rules: Rules) -> Draft:
    """A row as the policies see it."""
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
