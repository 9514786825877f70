"""What one page shows about one thing, read in one transaction."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery.limits.caps import Standing
from models.ids import delivery_id
from models.readings.consent import Consent
from models.readings.deliveries import Delivery, DeliveryLine, Reaction
from models.readings.digests import Carried, Carrier
from models.readings.engagement import ConversionLine, LinkLine
from models.readings.events import Event, Repeat
from models.readings.recipients import AddressLine, Card, FeedCounts, FeedLine
from models.readings.templates import TemplateLine, VersionLine
from models.records import (
    Account,
    AccountLimit,
    Breaker,
    Pace,
    Switch,
    TemplateVersion,
    Topic,
    Tried,
    Zones,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One delivery and everything around it.

    Attributes:
        event: `None` when its day is gone.
        topic: `None` when there is no such topic any more.
        version: What was filled; `None` before that, and on channels without a template.
        item: The feed item it became.
        carries: Of a digest's message, what is in it.
        carrier: The digest it is in, and that one's message.
        conversions: What its recipient did, as far as it counts for this one.
        news: What it told of, where that was too large to be kept with it.
        sealed: What it said was taken out, as its reader may not see it.
    """

    delivery: Delivery
    event: Event | None
    topic: Topic | None
    attempts: tuple[Tried, ...]
    reactions: tuple[Reaction, ...]
    version: TemplateVersion | None
    item: FeedLine | None
    carries: tuple[Carried, ...] = ()
    carrier: Carrier | None = None
    conversions: tuple[ConversionLine, ...] = ()
    news: Mapping[str, Any] | None = None
    sealed: bool = False

    @property
    def sensitive(self) -> bool:
        """Whether its content must not be shown; a topic that is gone may have been."""
        return self.topic is None or self.topic.sensitive

    def without_content(self) -> "Report":
        """What became of it and why, without what it said and what that was made of."""
        return replace(
            self,
            delivery=replace(self.delivery, context=None),
            event=self.event and replace(self.event, data=None),
            version=None,
            item=None,
            news=None,
            sealed=True,
        )


_LISTED = 100
"""Most of an event's recipients whose deliveries are looked up."""


def delivery_ids(event: Event, topic: Topic | None) -> list[UUID]:
    """The ids an event's deliveries have, computed: nothing joins events with deliveries."""
    return [
        delivery_id(event.event_id, recipient, step.channel, step.key)
        for recipient in (event.recipients or [])[:_LISTED]
        for step in (topic.steps if topic else ())
    ]


@dataclass(frozen=True, slots=True)
class EventReport:
    """One event, its deliveries, and the outbox rows that repeated it."""

    event: Event
    topic: Topic | None
    deliveries: tuple[Delivery, ...]
    repeats: tuple[Repeat, ...]

    @property
    def sensitive(self) -> bool:
        """Whether its data must not be shown."""
        return self.topic is not None and self.topic.sensitive


_SEALED = "Hidden: your roles do not let you see content"


def unmasked(feed: Iterable[FeedLine], known: Mapping[str, Topic]) -> tuple[FeedLine, ...]:
    """A feed without what sensitive topics said."""
    hidden = "Hidden: this topic is sensitive"
    return tuple(
        line
        if line.topic in known and not known[line.topic].sensitive
        else replace(line, title=hidden, body="", url=None)
        for line in feed
    )


Standings = tuple[tuple[Standing, bool], ...]
"""How somebody stands with each cap that counts for them, and whether it is still warming."""


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """One recipient.

    Attributes:
        card: `None` when nobody told us who that is.
        zones: Those of people whose profile names none.
    """

    card: Card | None
    addresses: tuple[AddressLine, ...]
    consent: Consent
    counts: FeedCounts
    feed: tuple[FeedLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    zones: Zones = field(default_factory=Zones)
    standings: Standings = ()

    def without_content(self) -> "RecipientReport":
        """What they got and did not get, without what it said and what is told of them."""
        hidden = tuple(replace(line, title=_SEALED, body="", url=None) for line in self.feed)
        return replace(self, card=self.card and replace(self.card, attributes={}), feed=hidden)


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """One template, its versions newest first, and where it is used.

    Attributes:
        last_data: Topic to the data of a recent real event; sensitive topics have none.
        links: How often the links of its versions were followed, and by whom.
        texts: What the live version says in each locale, its default first.
        partials: What every partial says now, in all locales, the default one of each first.
        behind: Locale to the version in which the words it translates changed after it did.
    """

    line: TemplateLine
    versions: tuple[TemplateVersion, ...]
    saved: tuple[VersionLine, ...]
    topics: tuple[Topic, ...]
    last_data: Mapping[str, Any]
    links: tuple[LinkLine, ...] = ()
    texts: tuple[TemplateVersion, ...] = ()
    partials: tuple[TemplateVersion, ...] = ()
    behind: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrafficReport:
    """The accounts, how they fare, what bounds them, and what is stopped."""

    at: datetime
    accounts: tuple[Account, ...]
    breakers: Mapping[str, Breaker]
    limits: tuple[AccountLimit, ...]
    lessons: tuple[Pace, ...]
    switches: tuple[Switch, ...]
