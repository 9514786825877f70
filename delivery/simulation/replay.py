"""One recipient's past decided again: in order of time, by the policies that decide when due."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from delivery.digests.windows import first
from delivery.limits import slots
from delivery.planning import LIFETIMES
from delivery.policies import DUE, judge
from delivery.ports import Draft, Rules
from delivery.simulation.proposal import Proposal
from delivery.verdicts import Cancel, Collect, Expire, HoldUntil, Keep, SkipBecause
from models import ids
from models.reasons import Skip
from models.records import (
    PRIORITIES,
    Facts,
    Group,
    OpenDigest,
    Past,
    Profile,
    Recorded,
    Step,
    Topic,
)
from models.states import DeliveryState

ASKED = ("expiry", "digest", "quiet_hours", "frequency_cap")
"""The policies whose rules may be tried; what others said stays as it was."""
_POLICIES = tuple(each for each in DUE if each[0] in ASKED)
_OWN_NO = frozenset({Skip.OVER_CAP, Skip.DOWNGRADED, Skip.QUIET_TOO_LONG})
"""What only these policies say."""
_OPEN = frozenset({DeliveryState.FAILED, DeliveryState.CANCELLED})
"""Ends that have nothing to do with rules."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one delivery, or would have.

    Attributes:
        outcome: `sent`, `digested`, `expired`, or `skipped:` and the reason.
        held_for: Why it waited, the last reason; `None` when it did not.
        wanted_at: When it was wanted.
        at: When it went.
        interrupts: Something was sent of its own.
    """

    topic: str
    campaign: str | None
    recipient_id: str
    outcome: str
    wanted_at: datetime
    at: datetime
    held_for: str | None = None

    @property
    def interrupts(self) -> bool:
        """Whether the recipient got a message by it."""
        return self.outcome == DeliveryState.SENT


@dataclass(frozen=True, slots=True, order=True)
class _Moment:
    """When something is looked at: among what is due together the most important first."""

    at: datetime
    rank: int
    number: int


@dataclass
class Replay:
    """One recipient under a proposal."""

    proposal: Proposal
    facts: Facts
    decisions: int = 0
    _queue: list[tuple[_Moment, Draft | Group]] = field(default_factory=list)
    _members: dict[UUID, list[Draft]] = field(default_factory=dict)
    _held: dict[UUID, str] = field(default_factory=dict)
    _wanted: dict[UUID, datetime] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def run(self, drafts: Iterable[tuple[Draft, datetime]]) -> Iterator[Fate]:
        """Decide until nothing waits any more."""
        for draft, due_at in drafts:
            self._push(draft, due_at, due_at)
        while self._queue:
            moment, next_one = heappop(self._queue)
            if isinstance(next_one, Draft):
                yield from self._decide(next_one, moment.at)
            else:
                yield from self._close(next_one, moment.at)

    def _push(self, draft: Draft, at: datetime, wanted_at: datetime) -> None:
        if draft.delivery_id is not None:
            self._wanted.setdefault(draft.delivery_id, wanted_at)
        rank = -PRIORITIES[draft.topic.klass][1]
        heappush(self._queue, (_Moment(at, rank, next(self._numbers)), draft))

    def _decide(self, draft: Draft, now: datetime) -> Iterator[Fate]:
        self.decisions += 1
        verdict, _ = judge(_POLICIES, draft, self.facts, now)
        ledger = slots.after(verdict, draft, self.facts, now)
        if ledger is not self.facts.ledger:
            self.facts = replace(self.facts, ledger=ledger)
        match verdict:
            case HoldUntil(until, reason):
                self._held[_id(draft)] = reason
                self._push(draft, max(until, now), now)
            case Collect(into=into):
                self._collect(into, draft)
            case Keep():
                if opened := first(draft, self.facts, now):
                    self._collect(opened, None)
                yield self._fate(draft, DeliveryState.SENT, now)
            case SkipBecause(why) | Cancel(why):
                yield self._fate(draft, f"{DeliveryState.SKIPPED}:{why}", now)
            case Expire():
                yield self._fate(draft, DeliveryState.EXPIRED, now)

    def _collect(self, into: OpenDigest, draft: Draft | None) -> None:
        known = self.facts.digests.get(into.group)
        self.facts = replace(self.facts, digests={**self.facts.digests, into.group: into})
        if draft is not None:
            self._members.setdefault(into.digest_id, []).append(draft)
        if known is None or into.closes_at < known.closes_at:
            self._look(into)

    def _look(self, digest: OpenDigest) -> None:
        heappush(self._queue, (_Moment(digest.closes_at, 0, next(self._numbers)), digest.group))

    def _close(self, group: Group, now: datetime) -> Iterator[Fate]:
        """Close a digest that is due; its members go in one message, which is decided anew."""
        digest = self.facts.digests.get(group)
        if digest is None:
            return
        if digest.closes_at > now:
            self._look(digest)
            return
        left = {key: one for key, one in self.facts.digests.items() if key != group}
        self.facts = replace(self.facts, digests=left)
        members = self._members.pop(digest.digest_id, [])
        for member in members:
            yield self._fate(member, DeliveryState.DIGESTED, now)
        if members:
            self._push(_message(digest, members, now), now, digest.closes_at)

    def _fate(self, draft: Draft, outcome: str, now: datetime) -> Fate:
        identifier = _id(draft)
        wanted_at = self._wanted.pop(identifier, now)
        held_for = self._held.pop(identifier, None)
        return Fate(
            draft.topic.key, draft.campaign, draft.recipient_id, outcome, wanted_at, now, held_for
        )


def _id(draft: Draft) -> UUID:
    if draft.delivery_id is None:
        raise ValueError("what is replayed has an id")
    return draft.delivery_id


def _message(digest: OpenDigest, members: Sequence[Draft], now: datetime) -> Draft:
    newest = members[-1]
    lifetime = newest.topic.lifetime or LIFETIMES[newest.topic.klass]
    return replace(
        newest,
        delivery_id=ids.digest_message_id(digest.digest_id, digest.channel, ids.day_of(now)),
        event_id=None,
        actor=None,
        expires_at=now + lifetime,
        digest=True,
    )


def drafts(past: Past, proposal: Proposal) -> Iterator[tuple[Draft, datetime]]:
    """What is decided again, with when it was wanted; digests' messages come of themselves."""
    rules = proposal.rules
    for one in past.recorded:
        topic = proposal.topics.get(one.topic)
        if topic is not None and is_tried(one):
            yield _draft(one, topic, past, rules), one.due_at


def is_tried(one: Recorded) -> bool:
    """Whether its end was, or could have been, up to the rules that are tried."""
    if one.digest or one.state in _OPEN:
        return False
    return one.state != DeliveryState.SKIPPED or one.reason in _OWN_NO


def _draft(one: Recorded, topic: Topic, past: Past, rules: Rules) -> Draft:
    step = next((each for each in topic.steps if each.key == one.step), None)
    draft = Draft(
        recipient_id=one.recipient_id,
        channel=one.channel,
        topic=topic,
        step=step or Step(one.step, one.channel, None),
        actor=None,
        expires_at=one.due_at + (topic.lifetime or LIFETIMES[topic.klass]),
        test=False,
        rules=rules,
        delivery_id=one.delivery_id,
        event_id=one.event_id,
        campaign=one.campaign,
        created_at=one.created_at,
    )
    event = past.events.get(one.event_id)
    if event is None:
        return draft
    return replace(
        draft,
        actor=event.actor,
        expires_at=event.expires_at or draft.expires_at,
        tags=event.tags or (),
        thread=event.thread,
        tenant=event.tenant,
        data=event.data,
    )


def happened(one: Recorded) -> Fate:
    """What history says of a delivery."""
    outcome = one.state
    if one.state == DeliveryState.SKIPPED:
        outcome = f"{one.state}:{one.reason}"
    elif one.state in {DeliveryState.DELIVERED, DeliveryState.BOUNCED, DeliveryState.IN_DOUBT}:
        outcome = DeliveryState.SENT
    at = one.sent_at or one.due_at
    return Fate(one.topic, one.campaign, one.recipient_id, outcome, one.due_at, at)


def blank(profile: Profile | None) -> Facts:
    """What is known of a recipient before the first of it is decided again."""
    return Facts(profile)


def by_recipient(past: Past) -> Mapping[str, list[Recorded]]:
    """The recorded deliveries of each."""
    found: dict[str, list[Recorded]] = {}
    for one in past.recorded:
        found.setdefault(one.recipient_id, []).append(one)
    return found
