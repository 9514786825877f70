"""What decisions look at: recipients, addresses and preferences, loaded by set."""

from collections.abc import Iterable, Sequence
from typing import Any

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Copy, Query, rows
from models.records import FeedItem, Profile, Reachable

WHO = "unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[])) u (bucket, id)"
"""Recipients by their keys."""


def who(recipients: Iterable[str]) -> tuple[Slice, dict[str, Any]]:
    """Where these recipients are, and the parameters of `WHO`."""
    ids = sorted(set(recipients))
    buckets = [bucket_of(recipient) for recipient in ids]
    return slice_of(buckets), {"buckets": buckets, "ids": ids}


def profiles(recipients: Iterable[str]) -> Query[dict[str, Profile]]:
    """Who of these is known."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT r.recipient_id, r.name, r.locale, r.timezone, r.org, r.attributes
          FROM {WHO} JOIN recipients r ON r.bucket = u.bucket AND r.recipient_id = u.id
         WHERE r.bucket = ANY(:slice)
        """,
        slice_,
        lambda result: {row.recipient_id: Profile(*row) for row in result},
        **parameters,
    )


def _addresses(result: Answer) -> dict[str, dict[str, tuple[Reachable, ...]]]:
    found: dict[str, dict[str, tuple[Reachable, ...]]] = {}
    for recipient, channel, *address in rows(result):
        channels = found.setdefault(recipient, {})
        channels[channel] = (*channels.get(channel, ()), Reachable(*address))
    return found


def addresses(
    recipients: Iterable[str], channels: Sequence[str]
) -> Query[dict[str, dict[str, tuple[Reachable, ...]]]]:
    """Recipient to channel to addresses, the preferred one first."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT a.recipient_id, a.channel, a.address, a.preferred, a.suppressed_for,
               a.suppressed_until
          FROM {WHO} JOIN addresses a ON a.bucket = u.bucket AND a.recipient_id = u.id
         WHERE a.bucket = ANY(:slice) AND a.channel = ANY(:channels)
         ORDER BY a.recipient_id, a.channel, a.preferred DESC, a.created_at, a.address
        """,
        slice_,
        _addresses,
        channels=list(channels),
        **parameters,
    )


def _preferences(result: Answer) -> dict[str, dict[tuple[str, str], bool]]:
    found: dict[str, dict[tuple[str, str], bool]] = {}
    for row in result:
        found.setdefault(row.recipient_id, {})[row.category, row.channel] = row.allowed
    return found


def preferences(recipients: Iterable[str]) -> Query[dict[str, dict[tuple[str, str], bool]]]:
    """Recipient to (category, channel) to what they chose."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT p.recipient_id, p.category, p.channel, p.allowed
          FROM {WHO} JOIN preferences p ON p.bucket = u.bucket AND p.recipient_id = u.id
         WHERE p.bucket = ANY(:slice)
        """,
        slice_,
        _preferences,
        **parameters,
    )


_ITEM = (
    "bucket", "recipient_id", "seq", "change", "delivery_id", "topic", "title", "body", "url",
    "actor", "thread",
)  # fmt: skip


def write_feed(items: Sequence[FeedItem], now: Any) -> Copy:
    """New feed items of recipients whose ledgers are locked."""
    rows = [(*(getattr(item, name) for name in _ITEM), now) for item in items]
    return Copy("inbox", [*_ITEM, "created_at"], rows)
