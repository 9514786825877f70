"""Opens and clicks: those that are kept of a delivery, what they were judged to be, their counts.

They are kept in `feedback` like all that comes back, with `by` (who it was) and `why` (what told)
in their detail. `link_counts` adds them up by link of a template version; link 0 are the opens.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import place_of
from models.queries.arrays import array, arrays
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import Answer, Query, count, records, sql
from models.readings.engagement import EngagementLine, LinkLine
from models.records import OWN_VENDOR, By, Kind

SPREAD = 16
"""Rows over which each count is spread, so that workers do not wait for each other."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An open or a click as it is kept.

    Attributes:
        told: What our own edge noticed: `link`, `source`, `code`.
        by: Who it was judged to be; `None`: not yet.
        why: The code of what told.
    """

    delivery_id: UUID
    vendor: str
    event_id: str
    kind: Kind
    at: datetime
    told: Mapping[str, Any]
    by: By | None
    why: str

    @property
    def key(self) -> tuple[str, str]:
        """The vendor and its id of the event."""
        return self.vendor, self.event_id


def kept(deliveries: Sequence[UUID]) -> Query[list[Kept]]:
    """All opens and clicks of these deliveries, which are locked."""
    places = [place_of(each) for each in deliveries]
    return routed(
        """
        SELECT delivery_id, vendor, vendor_event_id, kind, occurred_at,
               CASE WHEN vendor = :own THEN detail -> 'raw' END, detail ->> 'by',
               coalesce(detail ->> 'why', '')
          FROM feedback
         WHERE bucket = ANY(:slice) AND day = ANY(:days) AND delivery_id = ANY(:ids)
           AND kind IN ('opened', 'clicked')
        """,
        slice_of(place.bucket for place in places),
        _kept,
        days=sorted({place.day for place in places}),
        ids=list(deliveries),
        own=OWN_VENDOR,
    )


def _kept(result: Answer) -> list[Kept]:
    return [_one(*row) for row in result]


def _one(delivery: UUID, vendor: str, event_id: str, *told: Any) -> Kept:
    kind, at, raw, by, why = told
    return Kept(
        delivery, vendor, event_id, Kind(kind), at,
        raw if isinstance(raw, dict) else {}, None if by is None else By(by), why,
    )  # fmt: skip


_JUDGED = {
    "bucket": "smallint", "day": "date", "delivery_id": "uuid", "vendor": "text",
    "vendor_event_id": "text", "verdict": "jsonb",
}  # fmt: skip


def judge(verdicts: Iterable[tuple[Kept, By, str]]) -> Query[int]:
    """Write down who it was and what told."""
    rows = []
    for one, by, why in verdicts:
        bucket, day = place_of(one.delivery_id).bucket, place_of(one.delivery_id).day
        said = json.dumps({"by": by, "why": why})
        rows.append((bucket, day, one.delivery_id, one.vendor, one.event_id, said))
    return routed(
        f"""
        UPDATE feedback f SET detail = f.detail || u.verdict
          FROM unnest({arrays(_JUDGED)}) u ({", ".join(_JUDGED)})
         WHERE f.bucket = ANY(:slice) AND f.day = ANY(:days) AND f.bucket = u.bucket
           AND f.day = u.day AND f.delivery_id = u.delivery_id AND f.vendor = u.vendor
           AND f.vendor_event_id = u.vendor_event_id
        """,
        slice_of(row[0] for row in rows),
        count,
        days=sorted({row[1] for row in rows}),
        **{name: array(row[at] for row in rows) for at, name in enumerate(_JUDGED)},
    )


@dataclass(frozen=True, slots=True)
class Mailed:
    """What a delivery was made of, when it was handed over, and of which campaign it is."""

    delivery_id: UUID
    template: str | None
    version: int | None
    sent_at: datetime | None
    campaign: str


def mailed(deliveries: Sequence[UUID]) -> Query[dict[UUID, Mailed]]:
    """Of which template version these deliveries are."""
    places = [place_of(each) for each in deliveries]
    return routed(
        """
        SELECT delivery_id, template, template_version, sent_at, coalesce(campaign, '')
          FROM deliveries
         WHERE bucket = ANY(:slice) AND day = ANY(:days) AND delivery_id = ANY(:ids)
        """,
        slice_of(place.bucket for place in places),
        lambda result: {row[0]: Mailed(*row) for row in result},
        days=sorted({place.day for place in places}),
        ids=list(deliveries),
    )


LinkKey = tuple[int, str, int, int, str, str]
"""Bucket, template, version, link, by whom, campaign: rows are locked in this order."""


@dataclass(frozen=True, slots=True)
class LinkCount:
    """What is added to the count of a link.

    Attributes:
        times: Clicks, or opens.
        deliveries: Mails in which it was followed at least once.
    """

    bucket: int
    template: str
    version: int
    link: int
    by: By
    campaign: str
    times: int
    deliveries: int

    @property
    def key(self) -> LinkKey:
        """Its row."""
        return self.bucket, self.template, self.version, self.link, self.by, self.campaign


_COUNTED = {
    "bucket": "smallint", "template": "text", "version": "bigint", "link": "bigint",
    "by": "text", "campaign": "text", "times": "bigint", "deliveries": "bigint",
}  # fmt: skip
_ADDED = ", ".join(f'"{name}"' for name in _COUNTED)


def add(counts: Iterable[LinkCount]) -> Query[int]:
    """Add to the counts of links."""
    times, deliveries = Counter[LinkKey](), Counter[LinkKey]()
    for one in counts:
        times[one.key] += one.times
        deliveries[one.key] += one.deliveries
    rows = [(*key, times[key], deliveries[key]) for key in sorted(times)]
    return sql(
        f"""
        INSERT INTO link_counts AS l ({_ADDED})
        SELECT u.* FROM unnest({arrays(_COUNTED)}) u ({_ADDED})
        ON CONFLICT (bucket, template, version, link, by, campaign) DO UPDATE
           SET times = l.times + excluded.times, deliveries = l.deliveries + excluded.deliveries
        """,
        count,
        **{name: array(row[at] for row in rows) for at, name in enumerate(_COUNTED)},
    )


def links_of(template: str) -> Query[list[LinkLine]]:
    """How often the links of a template were followed, by version, link and by whom."""
    return routed(
        """
        SELECT version, link, by, CAST(sum(times) AS bigint), CAST(sum(deliveries) AS bigint)
          FROM link_counts WHERE bucket = ANY(:slice) AND template = :template
         GROUP BY version, link, by
        """,
        EVERYWHERE,
        records(LinkLine),
        template=template,
    )


def links_in(campaign: str) -> Query[list[tuple[str, LinkLine]]]:
    """Template to how often each of its links was followed out of a campaign."""
    return routed(
        """
        SELECT template, version, link, by, CAST(sum(times) AS bigint),
               CAST(sum(deliveries) AS bigint)
          FROM link_counts WHERE bucket = ANY(:slice) AND campaign = :campaign
         GROUP BY template, version, link, by ORDER BY template, version, link, by
        """,
        EVERYWHERE,
        lambda result: [(row[0], LinkLine(*row[1:])) for row in result],
        campaign=campaign,
    )


def engagement_of(topic: str, since: datetime) -> Query[list[EngagementLine]]:
    """How many mails of a topic were opened and clicked in since, and by whom."""
    return routed(
        """
        SELECT state, reason, CAST(sum(entered) AS bigint) FROM rollups
         WHERE bucket = ANY(:slice) AND minute >= :since AND topic = :topic
           AND state IN ('opened', 'opens', 'clicked', 'clicks')
         GROUP BY 1, 2
        """,
        EVERYWHERE,
        records(EngagementLine),
        topic=topic,
        since=since,
    )
