"""What decisions look at: recipients, addresses and preferences, loaded by set."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from models.ids import bucket_of, place_of
from models.queries.arrays import array
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Copy, Query, rows, sql
from models.records import (
    Chosen,
    Earlier,
    FeedItem,
    Json,
    Profile,
    Reachable,
    Rhythm,
    blocks_of,
    read_rhythm,
)

WHO = "unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[])) u (bucket, id)"
"""Recipients by their keys."""


def who(recipients: Iterable[str]) -> tuple[Slice, Mapping[str, str]]:
    """Where these recipients are, and the parameters of `WHO`."""
    return _who(tuple(recipients))


@lru_cache(maxsize=16)  # of a batch is asked four times and more, one after the other
def _who(recipients: tuple[str, ...]) -> tuple[Slice, Mapping[str, str]]:
    ids = sorted(set(recipients))
    buckets = [bucket_of(recipient) for recipient in ids]
    return slice_of(buckets), {"buckets": array(buckets), "ids": array(ids)}


def profiles(recipients: Iterable[str]) -> Query[dict[str, Profile]]:
    """Who of these is known."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT r.recipient_id, r.name, r.locale, r.timezone, r.org, r.attributes, r.quiet_hours,
               r.digest
          FROM {WHO} JOIN recipients r ON r.bucket = u.bucket AND r.recipient_id = u.id
         WHERE r.bucket = ANY(:slice)
        """,
        slice_,
        lambda result: {row[0]: _profile(*row) for row in result},
        **parameters,
    )


def _profile(*values: Any) -> Profile:
    recipient, name, locale, timezone, org, attributes, quiet, chosen = values
    return Profile(recipient, name, locale, timezone, org, attributes, quiet, rhythm_of(chosen))


def rhythm_of(chosen: Json | None) -> Rhythm | None:
    """When a recipient wants recurring digests; what nobody can read was never chosen."""
    try:
        return None if chosen is None else read_rhythm(chosen)
    except ValueError:
        return None


def _addresses(result: Answer) -> dict[str, dict[str, tuple[Reachable, ...]]]:
    found: dict[str, dict[str, tuple[Reachable, ...]]] = {}
    for recipient, channel, address, preferred, suppressed in rows(result):
        channels = found.setdefault(recipient, {})
        blocks = blocks_of(suppressed) if suppressed else ()
        each = Reachable(address, preferred, blocks)
        channels[channel] = (*channels.get(channel, ()), each)
    return found


def addresses(
    recipients: Iterable[str], channels: Sequence[str]
) -> Query[dict[str, dict[str, tuple[Reachable, ...]]]]:
    """Recipient to channel to addresses, the preferred one first."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT a.recipient_id, a.channel, a.address, a.preferred, a.suppressed
          FROM {WHO} JOIN addresses a ON a.bucket = u.bucket AND a.recipient_id = u.id
         WHERE a.bucket = ANY(:slice) AND a.channel = ANY(:channels)
         ORDER BY a.recipient_id, a.channel, a.preferred DESC, a.created_at, a.address
        """,
        slice_,
        _addresses,
        channels=list(channels),
        **parameters,
    )


def _chosen(result: Answer) -> dict[str, Chosen]:
    choices: dict[str, dict[tuple[str, str], bool]] = {}
    snoozes: dict[str, datetime] = {}
    for recipient, category, channel, allowed, until in rows(result):
        if until is None:
            choices.setdefault(recipient, {})[category, channel] = allowed
        else:
            snoozes[recipient] = until
    return {
        recipient: Chosen(choices.get(recipient, {}), snoozes.get(recipient))
        for recipient in choices.keys() | snoozes.keys()
    }


def preferences(recipients: Iterable[str]) -> Query[dict[str, Chosen]]:
    """What each of these chose; nothing of those who chose nothing."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT p.recipient_id, p.category, p.channel, p.allowed, p.until
          FROM {WHO} JOIN preferences p ON p.bucket = u.bucket AND p.recipient_id = u.id
         WHERE p.bucket = ANY(:slice)
        """,
        slice_,
        _chosen,
        **parameters,
    )


def earlier(deliveries: Iterable[UUID]) -> Query[dict[UUID, Earlier]]:
    """How deliveries stand, and whether their recipients saw or read them in the feed.

    What is still in the queue is `scheduled` here. Reading takes the ledger's lock, as whoever
    decides by it does.
    """
    ids = sorted(set(deliveries))
    places = [place_of(one) for one in ids]
    return routed(
        """
        SELECT d.delivery_id, d.step, d.state, d.settled_at,
               coalesce(i.seen_at, i.archived_at) IS NOT NULL AS seen,
               coalesce(i.read_at, i.archived_at) IS NOT NULL AS read
          FROM deliveries d
          LEFT JOIN inbox i ON i.bucket = ANY(:slice) AND i.bucket = d.bucket
                AND i.recipient_id = d.recipient_id AND i.delivery_id = d.delivery_id
                AND i.seq = CASE WHEN d.channel = 'in_app' THEN CAST(d.message_id AS bigint) END
         WHERE d.bucket = ANY(:slice) AND d.day = ANY(:days) AND d.delivery_id = ANY(:ids)
        """,
        slice_of(place.bucket for place in places),
        lambda result: {row.delivery_id: Earlier(*row[1:]) for row in result},
        days=sorted({place.day for place in places}),
        ids=ids,
    )


def org_preferences(orgs: Iterable[str]) -> Query[dict[str, dict[tuple[str, str], bool]]]:
    """Organisation to its defaults, of these."""

    def found(result: Answer) -> dict[str, dict[tuple[str, str], bool]]:
        defaults: dict[str, dict[tuple[str, str], bool]] = {}
        for org, category, channel, allowed in rows(result):
            defaults.setdefault(org, {})[category, channel] = allowed
        return defaults

    return sql(
        "SELECT org, category, channel, allowed FROM org_preferences WHERE org = ANY(:orgs)",
        found,
        orgs=sorted(set(orgs)),
    )


_ITEM = (
    "bucket", "recipient_id", "seq", "change", "delivery_id", "topic", "title", "body", "url",
    "actor", "thread",
)  # fmt: skip


def write_feed(items: Sequence[FeedItem], now: Any) -> Copy:
    """New feed items of recipients whose ledgers are locked."""
    rows = [(*(getattr(item, name) for name in _ITEM), now) for item in items]
    return Copy("inbox", [*_ITEM, "created_at"], rows)
