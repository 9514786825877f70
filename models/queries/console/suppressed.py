"""The list of suppressions, as people page through it, and what lifting some would send."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.ids import bucket_of
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import Answer, Query, Story, records
from models.readings.suppressions import Lifting, SuppressionLine, SuppressionPosition
from models.records import Cause, Place

_COLUMNS = "s.channel, s.address, s.category, s.reason, s.source, s.expires_at, s.created_at"
_DIGEST = "md5(s.channel || '/' || s.address || '/' || s.category)"


class Ending(StrEnum):
    """Which suppressions are asked for, by their end."""

    STANDING = "standing"
    """In force, whenever they end."""
    FOR_GOOD = "for_good"
    SOON = "soon"
    """In force, and over before a given moment."""
    OVER = "over"


@dataclass(frozen=True, slots=True)
class SuppressionsWanted:
    """Which suppressions are asked for; what is empty or `None` does not matter.

    Attributes:
        addresses: Exactly one of these.
        prefix: The address begins so.
        source: Who said so begins so.
        soon: Of `Ending.SOON`: before when.
        before: Only what comes after this place in the list.
    """

    now: datetime
    addresses: tuple[str, ...] = ()
    prefix: str | None = None
    channel: str | None = None
    category: str | None = None
    cause: Cause | None = None
    source: str | None = None
    ending: Ending = Ending.STANDING
    soon: datetime | None = None
    before: SuppressionPosition | None = None
    limit: int = 50


_ENDINGS = {
    Ending.STANDING: "(s.expires_at IS NULL OR s.expires_at > :now)",
    Ending.FOR_GOOD: "s.expires_at IS NULL",
    Ending.SOON: "s.expires_at > :now AND s.expires_at <= :soon",
    Ending.OVER: "s.expires_at <= :now",
}


def suppressions(wanted: SuppressionsWanted) -> Query[list[SuppressionLine]]:
    """Suppressions, newest first; a page costs the same wherever it stands in the list."""
    asked = _asked(wanted)
    return routed(
        f"""
        SELECT {_COLUMNS} FROM suppressions s
         WHERE s.bucket = ANY(:slice) AND {_ENDINGS[wanted.ending]} {_conditions(asked)}
         ORDER BY s.created_at DESC, {_DIGEST} DESC LIMIT :limit
        """,
        slice_of(map(bucket_of, wanted.addresses)) if wanted.addresses else EVERYWHERE,
        records(SuppressionLine),
        limit=wanted.limit,
        **_parameters(wanted),
    )


def following(
    wanted: SuppressionsWanted, page: Sequence[SuppressionLine]
) -> SuppressionsWanted | None:
    """What to ask for after a page; `None` after the last one."""
    return None if len(page) < wanted.limit else replace(wanted, before=page[-1].position)


def _asked(wanted: SuppressionsWanted) -> dict[str, Any]:
    by_hand = wanted.cause is Cause.BY_HAND
    return {
        "s.address = ANY(:addresses)": wanted.addresses,
        "starts_with(s.address, :prefix)": wanted.prefix,
        "s.channel = :channel": wanted.channel,
        "s.category = :category": wanted.category,
        "s.reason = :cause": wanted.cause and not by_hand,
        "s.reason <> ALL(:causes)": by_hand,
        "starts_with(s.source, :source)": wanted.source,
        f"(s.created_at, {_DIGEST}) < (:before_at, :before_digest)": wanted.before,
    }


def _conditions(asked: dict[str, Any]) -> str:
    return "".join(f" AND {condition}" for condition, value in asked.items() if value)


def _parameters(wanted: SuppressionsWanted) -> dict[str, Any]:
    before = wanted.before
    given = {
        "now": None if wanted.ending is Ending.FOR_GOOD else wanted.now,
        "soon": wanted.soon if wanted.ending is Ending.SOON else None,
        "addresses": list(wanted.addresses),
        "prefix": wanted.prefix,
        "channel": wanted.channel,
        "category": wanted.category,
        "cause": None if wanted.cause is Cause.BY_HAND else wanted.cause,
        "causes": sorted(set(Cause) - {Cause.BY_HAND}) if wanted.cause is Cause.BY_HAND else [],
        "source": wanted.source,
        "before_at": before and before.at,
        "before_digest": before and before.digest,
    }
    return {name: value for name, value in given.items() if value}


def suppression_named(bucket: int, digest: str) -> Query[list[SuppressionLine]]:
    """The suppression of this bucket and digest, at most one."""
    return routed(
        f"""
        SELECT {_COLUMNS} FROM suppressions s WHERE s.bucket = ANY(:slice) AND {_DIGEST} = :digest
        """,
        slice_of([bucket]),
        records(SuppressionLine),
        digest=digest,
    )


@dataclass(frozen=True, slots=True)
class _Reached:
    """A recipient who is reached where a suppression stands."""

    bucket: int
    recipient_id: str
    channel: str
    category: str


def lifting(places: Sequence[Place], now: datetime, since: datetime) -> Story[Lifting]:
    """What lifting these suppressions would do; people and their deliveries, by their keys.

    Args:
        places: What would be lifted.
        now: Suppressions that are over by then stop nothing.
        since: From when skipped deliveries are counted.
    """
    reached: list[_Reached] = yield _reached(places)
    others: int = yield _others(places, now)
    if not reached:
        return Lifting(0, 0, 0, others)
    waiting: int = yield _counted(_WAITING, reached)
    skipped: int = yield _counted(_SKIPPED, reached, since=since)
    return Lifting(len({one.recipient_id for one in reached}), waiting, skipped, others)


def _reached(places: Sequence[Place]) -> Query[list[_Reached]]:
    return routed(
        """
        SELECT DISTINCT a.bucket, a.recipient_id, a.channel, u.category
          FROM unnest(CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:categories AS text[])) u (channel, address, category)
          JOIN addresses a ON a.address = u.address AND u.channel IN (a.channel, '*')
         WHERE a.bucket = ANY(:slice)
        """,
        EVERYWHERE,
        records(_Reached),
        channels=[place.channel for place in places],
        addresses=[place.address for place in places],
        categories=[place.category for place in places],
    )


def _others(places: Sequence[Place], now: datetime) -> Query[int]:
    """How many other suppressions stand against the addresses of these places."""
    return routed(
        f"""
        SELECT count(*) FROM suppressions s
         WHERE s.bucket = ANY(:slice) AND s.address = ANY(:addresses)
           AND (s.expires_at IS NULL OR s.expires_at > :now) AND {_DIGEST} <> ALL(:digests)
        """,
        slice_of(bucket_of(place.address) for place in places),
        _number,
        now=now,
        addresses=sorted({place.address for place in places}),
        digests=[place.digest for place in places],
    )


_REACHED = """
    unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]), CAST(:channels AS text[]),
           CAST(:categories AS text[])) u (bucket, id, channel, category)
"""
_OF_THEIRS = """
    d.bucket = u.bucket AND d.recipient_id = u.id AND d.channel = u.channel AND NOT d.test
    AND (u.category = '*' OR d.topic IN (SELECT t.topic FROM topics t
                                          WHERE t.category = u.category))
"""
_WAITING = f"""
    SELECT count(DISTINCT d.delivery_id) FROM {_REACHED} JOIN queue d ON {_OF_THEIRS}
     WHERE d.bucket = ANY(:slice) AND d.state = 'scheduled'
"""
_SKIPPED = f"""
    SELECT count(DISTINCT d.delivery_id) FROM {_REACHED} JOIN deliveries d ON {_OF_THEIRS}
     WHERE d.bucket = ANY(:slice) AND d.created_at >= :since
       AND d.state = 'skipped' AND d.reason = 'suppressed'
"""


def _counted(statement: str, reached: Sequence[_Reached], **more: Any) -> Query[int]:
    return routed(
        statement,
        slice_of(one.bucket for one in reached),
        _number,
        buckets=[one.bucket for one in reached],
        ids=[one.recipient_id for one in reached],
        channels=[one.channel for one in reached],
        categories=[one.category for one in reached],
        **more,
    )


def _number(result: Answer) -> int:
    return int(result.scalar_one())
