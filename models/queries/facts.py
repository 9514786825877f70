"""What decisions look at: recipients, addresses, preferences and ledgers, loaded by set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Copy, Query, count, rows
from models.records import FeedItem, Profile, Reachable

_WHO = "unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[])) u (bucket, id)"


def _who(recipients: Iterable[str]) -> tuple[Slice, dict[str, Any]]:
    ids = sorted(set(recipients))
    buckets = [bucket_of(recipient) for recipient in ids]
    return slice_of(buckets), {"buckets": buckets, "ids": ids}


def profiles(recipients: Iterable[str]) -> Query[dict[str, Profile]]:
    """Who of these is known."""
    slice_, parameters = _who(recipients)
    return routed(
        f"""
        SELECT r.recipient_id, r.name, r.locale, r.timezone, r.org, r.attributes
          FROM {_WHO} JOIN recipients r ON r.bucket = u.bucket AND r.recipient_id = u.id
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
    slice_, parameters = _who(recipients)
    return routed(
        f"""
        SELECT a.recipient_id, a.channel, a.address, a.preferred, a.suppressed_for,
               a.suppressed_until
          FROM {_WHO} JOIN addresses a ON a.bucket = u.bucket AND a.recipient_id = u.id
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
    slice_, parameters = _who(recipients)
    return routed(
        f"""
        SELECT p.recipient_id, p.category, p.channel, p.allowed
          FROM {_WHO} JOIN preferences p ON p.bucket = u.bucket AND p.recipient_id = u.id
         WHERE p.bucket = ANY(:slice)
        """,
        slice_,
        _preferences,
        **parameters,
    )


@dataclass(frozen=True, slots=True)
class Numbers:
    """The newest position and change of a recipient's feed."""

    seq: int
    change: int


def make_ledgers(recipients: Iterable[str]) -> Query[int]:
    """Give these recipients a ledger row unless they have one."""
    _, parameters = _who(recipients)
    return routed(
        f"""
        INSERT INTO ledger (bucket, recipient_id)
        SELECT u.bucket, u.id FROM {_WHO} WHERE u.bucket = ANY(:slice)
         ORDER BY u.bucket, u.id
        ON CONFLICT (bucket, recipient_id) DO NOTHING
        """,
        slice_of(parameters["buckets"]),
        count,
        **parameters,
    )


def lock_ledgers(recipients: Iterable[str]) -> Query[dict[str, Numbers]]:
    """Lock the recipients nobody else is deciding for; the others come next round."""
    slice_, parameters = _who(recipients)
    return routed(
        f"""
        SELECT l.recipient_id, l.seq, l.change
          FROM {_WHO} JOIN ledger l ON l.bucket = u.bucket AND l.recipient_id = u.id
         WHERE l.bucket = ANY(:slice)
         ORDER BY l.bucket, l.recipient_id
           FOR UPDATE OF l SKIP LOCKED
        """,
        slice_,
        lambda result: {row.recipient_id: Numbers(row.seq, row.change) for row in result},
        **parameters,
    )


def write_numbers(numbers: dict[str, Numbers]) -> Query[int]:
    """Store the new positions of locked ledgers."""
    slice_, parameters = _who(numbers)
    ordered = [numbers[recipient] for recipient in parameters["ids"]]
    return routed(
        """
        UPDATE ledger l SET seq = u.seq, change = u.change
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]),
                      CAST(:seqs AS bigint[]), CAST(:changes AS bigint[]))
               u (bucket, id, seq, change)
         WHERE l.bucket = ANY(:slice) AND l.bucket = u.bucket AND l.recipient_id = u.id
        """,
        slice_,
        count,
        seqs=[number.seq for number in ordered],
        changes=[number.change for number in ordered],
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
