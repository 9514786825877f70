"""Deliveries that are held: what for, until when, and letting them go sooner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.people import AuditEntry
from models.queries.console import people
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import Query, Story, count, records
from models.readings.held import HeldLine, ReleaseBin
from models.reasons import Hold

RELEASABLE = frozenset({Hold.NOT_BEFORE, Hold.BACKOFF, Hold.RATE, Hold.ACCOUNT, Hold.BREAKER})
"""What a person may cut short. A rule, a snooze, a switch or doubt would only hold it anew, or
must not be passed by: those are changed where they are."""

_LINES = 500
_HELD = "held_for IS NOT NULL AND token IS NULL AND due_at > :now"


def held_lines(now: datetime) -> Query[list[HeldLine]]:
    """What is held, by what for, topic and channel; the most first."""
    return routed(
        f"""
        SELECT held_for, topic, channel, count(*), min(nullif(due_at, 'infinity')),
               nullif(max(due_at), 'infinity')
          FROM queue WHERE bucket = ANY(:slice) AND {_HELD}
         GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT {_LINES}
        """,
        EVERYWHERE,
        records(HeldLine),
        now=now,
    )


def release_bins(now: datetime, until: datetime, step: timedelta) -> Query[list[ReleaseBin]]:
    """When what is held comes due, by what holds it."""
    return routed(
        f"""
        SELECT date_bin(:step, due_at, :now), held_for, count(*)
          FROM queue WHERE bucket = ANY(:slice) AND {_HELD} AND due_at < :until
         GROUP BY 1, 2 ORDER BY 1, 2
        """,
        EVERYWHERE,
        records(ReleaseBin),
        now=now,
        until=until,
        step=step,
    )


@dataclass(frozen=True, slots=True)
class Release:
    """Who lets go what.

    Attributes:
        reason: One of `RELEASABLE`.
    """

    reason: str
    topic: str
    channel: str
    by: str
    now: datetime


def let_go(release: Release, buckets: Iterable[int]) -> Story[int]:
    """Have the gate look now at what is held; who finds nothing leaves no entry."""
    gone: int = yield _pull(release, buckets)
    if gone:
        detail: dict[str, object] = {
            "held_for": release.reason, "topic": release.topic, "channel": release.channel,
        }  # fmt: skip
        subject = f"{gone} deliveries" if gone > 1 else "1 delivery"
        entry = AuditEntry(release.now, release.by, "released what was held", subject, detail)
        yield people.write_audit(entry)
    return gone


def _pull(release: Release, buckets: Iterable[int]) -> Query[int]:
    # Without a lock beforehand, so that Citus takes it for several shards at once.
    return routed(
        f"""
        UPDATE queue SET due_at = :now, held_for = NULL
         WHERE bucket = ANY(:slice) AND {_HELD} AND held_for = :reason AND topic = :topic
           AND channel = :channel
        """,
        slice_of(buckets),
        count,
        reason=release.reason,
        topic=release.topic,
        channel=release.channel,
        now=release.now,
    )
