"""What happens to deliveries whose time has come: the verdict, the address, the trace. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from delivery import trace
from delivery.digests.windows import first
from delivery.limits import slots
from delivery.policies import CLOSING, DUE, judge
from delivery.ports import Draft, Policy, Rules
from delivery.verdicts import Collect, Keep, Verdict
from models.records import DueRow, Facts, OpenDigest, Step, Topic


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
    """Keep, hold, collect, skip, cancel or expire one due row."""
    return _decide(_GATE, row, draft, facts, now)


def close(row: DueRow, draft: Draft, facts: Facts, now: datetime) -> Decision:
    """The same for a delivery whose digest closes: what is kept goes into its message."""
    return _decide(_CLOSE, row, draft, facts, now)


_Stage = tuple[str, Sequence[tuple[str, Policy]]]
"""A moment of a delivery's life, and what is asked then."""
_GATE: _Stage = ("gate", DUE)
_CLOSE: _Stage = ("close", CLOSING)


def _decide(stage: _Stage, row: DueRow, draft: Draft, facts: Facts, now: datetime) -> Decision:
    name, policies = stage
    verdict, checks = judge(policies, draft, facts, now)
    reached = facts.usable(row.channel, draft.topic.category, now)
    address = None if reached is None else reached.address
    told = trace.extend(row.trace, name, checks)
    return Decision(row, draft.topic, draft.step, facts, verdict, address, told, draft)


@dataclass
class Round:
    """Rows decided one after the other: what is kept before counts for what comes after.

    Attributes:
        facts: What is known of each recipient, as the decisions so far have left it.
        topics: Those of the rows and their rivals.
        rivals: Due rows by recipient about which somebody else decides.
        changed: Recipients whose ledgers are no longer as they were read.
        digests: Those that were opened or collect more, as they stand now.
    """

    facts: dict[str, Facts]
    topics: Mapping[str, Topic]
    rivals: Mapping[str, Sequence[DueRow]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    digests: dict[UUID, OpenDigest] = field(default_factory=dict)

    def decide(self, row: DueRow, rules: Rules, now: datetime) -> Decision:
        """Decide about one row, and keep in mind what follows from it for the next."""
        facts = self.facts[row.recipient_id]
        ahead = tuple(
            draft_of(rival, self.topic(rival), rules)
            for rival in self.rivals.get(row.recipient_id, ())
            if importance(rival) < importance(row)
        )
        draft = draft_of(row, self.topic(row), rules, ahead)
        decision = decide(row, draft, facts, now)
        ledger = slots.after(decision.verdict, decision.draft, facts, now)
        if ledger is not facts.ledger:
            self.facts[row.recipient_id] = facts = replace(facts, ledger=ledger)
            self.changed.add(row.recipient_id)
        if into := into_digest(decision, now):
            digests = {**facts.digests, into.group: into}
            self.facts[row.recipient_id] = replace(facts, digests=digests)
            self.digests[into.digest_id] = into
        return decision

    def topic(self, row: DueRow) -> Topic:
        """A row's topic, or what stands for it."""
        return topic_of(row, self.topics)


def topic_of(row: DueRow, topics: Mapping[str, Topic]) -> Topic:
    """A row's topic; what stands for one that was removed since has no template any more."""
    return topics.get(row.topic) or Topic(row.topic, row.topic, row.topic, row.klass, ())


def into_digest(decision: Decision, now: datetime) -> OpenDigest | None:
    """The digest it is collected into, or opens for what comes after it; as it stands then."""
    match decision.verdict:
        case Collect(into=into):
            return into
        case Keep():
            return first(decision.draft, decision.facts, now)
        case _:
            return None


def importance(row: DueRow) -> tuple[int, datetime, datetime]:
    """The order in which rows are decided: by priority, then the one that waits longest."""
    return -(row.lane // 16), row.due_at, row.created_at


def draft_of(row: DueRow, topic: Topic, rules: Rules, rivals: tuple[Draft, ...] = ()) -> Draft:
    """A row as the policies see it, and what is more important for the same recipient."""
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
        throttled=row.throttled,
        content=None if topic.same_content == timedelta() else row.content,
        wanted_at=row.wanted_at,
        created_at=row.created_at,
        thread=row.thread,
        tenant=row.tenant,
        data=row.data,
        attempt=row.attempt,
        digest=row.digest,
        rivals=rivals,
    )


def _step(row: DueRow, topic: Topic) -> Step:
    """The row's step; one that was taken off the topic since keeps its channel, without words."""
    for step in topic.steps:
        if step.key == row.step:
            return step if row.template is None else replace(step, template=row.template)
    return Step(row.step, row.channel, None)
