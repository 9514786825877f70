"""The past of some recipients, for deciding about it again."""

from collections.abc import Collection
from datetime import datetime

from models.ids import BUCKETS, day_of
from models.queries.planning import events
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending import facts
from models.query import Query, Story, records
from models.records import Past, Recorded

_PARTS = 64


def parts() -> list[Slice]:
    """All recipients in parts that are each read at once: a sixty-fourth of the history."""
    width = BUCKETS // _PARTS
    return [slice_of(range(start, start + width)) for start in range(0, BUCKETS, width)]


def _recorded(slice_: Slice, since: datetime) -> Query[list[Recorded]]:
    return routed(
        """
        SELECT delivery_id, event_id, recipient_id, topic, channel, step, campaign, state, reason,
               created_at, coalesce(due_at, created_at), sent_at, digest
          FROM deliveries
         WHERE bucket = ANY(:slice) AND day >= :first_day AND created_at >= :since AND NOT test
         ORDER BY recipient_id, coalesce(due_at, created_at), delivery_id
        """,
        slice_,
        records(Recorded),
        first_day=day_of(since),
        since=since,
    )


def past(slice_: Slice, since: datetime, asks_events: Collection[str]) -> Story[Past]:
    """What happened to the recipients of a slice since a moment; test events are left out.

    Args:
        slice_: Whose.
        since: When it was planned, at the earliest.
        asks_events: Topics whose events are wanted too.
    """
    recorded = yield _recorded(slice_, since)
    profiles = yield facts.profiles({one.recipient_id for one in recorded})
    wanted = {
        one.event_id
        for one in recorded
        # An event may end before its topic's lifetime: of what expired one must know.
        if not one.digest and (one.topic in asks_events or one.state == "expired")
    }
    found = (yield events.read_events(wanted)) if wanted else {}
    return Past(recorded, profiles, found)
