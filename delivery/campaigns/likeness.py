"""Whose messages come to the same, so that one decision is enough for all of them. Pure."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zlib import crc32

from delivery.campaigns.foreseeing import Law
from delivery.limits.caps import counter
from models.pseudonyms import is_pseudonym
from models.records import CampaignMember, Facts, Profile, Stamp, StoredEvent, Topic

_SHARES = 8
"""What waits for the same moment goes spread after it, by the message's id: so many ask for it."""
_BUCKET_BITS = 10


@dataclass(frozen=True)
class Likeness:
    """What the gate looks at in those who get a campaign, and nothing else.

    Moments count by the minute. Policies that came to look at more would have to be told here;
    a test decides about each of many people alone, too, and compares.
    """

    topic: Topic
    law: Law
    events: Sequence[StoredEvent]

    def of(
        self, member: CampaignMember, facts: Facts, moments: Iterable[datetime]
    ) -> Hashable | None:
        """What is equal of those whose messages come to the same; `None`: there is nobody else."""
        slots = self._slots(facts)
        if slots is None:
            return None
        return (
            member.variant,
            crc32(member.recipient_id.encode()) >> _BUCKET_BITS & _SHARES - 1,
            is_pseudonym(member.recipient_id),
            tuple(_minute(at) for at in moments),
            _who(facts.profile),
            tuple(self._addresses(key, facts) for key in self._channels),
            frozenset(facts.preferences.items()),
            facts.snoozed_until,
            slots,
        )  # fmt: skip

    def _addresses(self, channel: str, facts: Facts) -> Hashable:
        every = facts.addresses.get(channel, ())
        return tuple((one.blocks, one.address if self._asks_address else "") for one in every)

    def _slots(self, facts: Facts) -> Hashable | None:
        """The slots of the counters that may run full; `None` where something else is asked."""
        ledger = facts.ledger
        if (ledger.said and self._asks_content) or (ledger.slots and self.topic.throttle):
            return None
        return tuple(
            _stamps(name, ledger.slots[name])
            for name, limit in self._counters
            if name in ledger.slots and len(ledger.slots[name]) + self._messages > limit
        )

    @cached_property
    def _channels(self) -> list[str]:
        return [step.channel for step in self.topic.steps]

    @cached_property
    def _messages(self) -> int:
        return len(self.topic.steps) * len(self.events)

    @cached_property
    def _asks_address(self) -> bool:
        """Whether it matters which address it is."""
        rules = self.law.rules.values()
        return any(one.allow_to is not None or one.paused.stopped for one in rules)

    @cached_property
    def _asks_content(self) -> bool:
        return any(event.content is not None for event in self.events)

    @cached_property
    def _counters(self) -> list[tuple[str, int]]:
        book = next(iter(self.law.rules.values())).rulebook
        return [(counter(cap), cap.limit) for cap in book.caps if cap.limit is not None]


def _who(profile: Profile | None) -> Hashable:
    if profile is None:
        return None
    hours = profile.quiet_hours
    return profile.timezone, profile.org, None if hours is None else repr(hours), profile.digest


def _stamps(name: str, taken: Iterable[Stamp]) -> Hashable:
    return name, tuple(_minute(stamp.at) for stamp in taken)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
