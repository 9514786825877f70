"""What conditions may ask about one recipient, beside what every decision looks at."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from models.ids import bucket_of
from models.queries.audiences.history import PEOPLE
from models.queries.console.consents import what_counts
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending import facts
from models.query import Query, Story
from models.records import Facts
from models.records.audiences import Portrait, Touch

MOST = 5000
"""Messages to one recipient that are looked at, the newest first."""


def _theirs(recipient: str) -> Slice:
    return slice_of([bucket_of(recipient)])


def portrait(recipient: str, channels: Sequence[str]) -> Story[Portrait | None]:
    """Everything conditions may ask about a recipient; `None`: nobody is known by this id."""
    since: datetime | None = yield _known_since(recipient)
    if since is None:
        return None
    merged: Facts = yield from what_counts(recipient)
    there = yield facts.addresses([recipient], channels)
    told: list[Touch] = yield _touches(recipient)
    lists: frozenset[tuple[str, int]] = yield _lists(recipient)
    return Portrait(replace(merged, addresses=there.get(recipient, {})), since, told, lists)


def _known_since(recipient: str) -> Query[datetime | None]:
    """When a recipient became known; `None`: they are not."""
    return routed(
        """
        SELECT r.created_at FROM recipients r
         WHERE r.bucket = ANY(:slice) AND r.recipient_id = :id
        """,
        _theirs(recipient),
        lambda result: result.scalar_one_or_none(),
        id=recipient,
    )


def _touches(recipient: str) -> Query[list[Touch]]:
    """The messages to a recipient, with what they did with each."""
    return routed(
        """
        SELECT CASE WHEN NOT d.digest THEN CAST(d.event_id AS text) END, d.topic, d.state,
               d.created_at, d.sent_at,
               coalesce((SELECT array_agg(f.occurred_at) FROM feedback f
                 WHERE f.bucket = ANY(:slice) AND f.bucket = d.bucket AND f.day = d.day
                   AND f.delivery_id = d.delivery_id AND f.kind = 'opened'
                   AND f.detail ->> 'by' = ANY(:people)), '{}') AS opened,
               coalesce((SELECT array_agg(f.occurred_at) FROM feedback f
                 WHERE f.bucket = ANY(:slice) AND f.bucket = d.bucket AND f.day = d.day
                   AND f.delivery_id = d.delivery_id AND f.kind = 'clicked'
                   AND f.detail ->> 'by' = ANY(:people)), '{}') AS clicked
          FROM deliveries d
         WHERE d.bucket = ANY(:slice) AND d.recipient_id = :id AND NOT d.test
         ORDER BY d.created_at DESC LIMIT :most
        """,
        _theirs(recipient),
        lambda result: [_touch(*row) for row in result],
        id=recipient,
        people=sorted(PEOPLE),
        most=MOST,
    )


def _touch(*told: Any) -> Touch:
    event, topic, state, created_at, sent_at, opened, clicked = told
    return Touch(event, topic, state, created_at, sent_at, tuple(opened), tuple(clicked))


def _lists(recipient: str) -> Query[frozenset[tuple[str, int]]]:
    """The lists a recipient is on: audience and number of the list."""
    return routed(
        """
        SELECT m.audience, m.list FROM audience_members m
         WHERE m.bucket = ANY(:slice) AND m.recipient_id = :id
        """,
        _theirs(recipient),
        lambda result: frozenset((row.audience, row.list) for row in result),
        id=recipient,
    )
