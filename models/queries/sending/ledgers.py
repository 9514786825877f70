"""The ledgers: locked to decide for a recipient, or to take back what was decided."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from json import dumps
from typing import Any
from uuid import UUID

from models.ids import bucket_of
from models.queries.routing import routed, slice_of
from models.queries.sending.facts import WHO, who
from models.query import Answer, Query, count
from models.records import Ledger, Stamp

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def make_ledgers(recipients: Iterable[str]) -> Query[int]:
    """Give these recipients a ledger row unless they have one."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        INSERT INTO ledger (bucket, recipient_id)
        SELECT u.bucket, u.id FROM {WHO} WHERE u.bucket = ANY(:slice)
         ORDER BY u.bucket, u.id
        ON CONFLICT (bucket, recipient_id) DO NOTHING
        """,
        slice_,
        count,
        **parameters,
    )


_LOCK = f"""
    SELECT l.recipient_id, l.seq, l.change, l.slots, l.said
      FROM {WHO} JOIN ledger l ON l.bucket = u.bucket AND l.recipient_id = u.id
     WHERE l.bucket = ANY(:slice)
     ORDER BY l.bucket, l.recipient_id
       FOR UPDATE OF l"""


def lock_ledgers(recipients: Iterable[str]) -> Query[dict[str, Ledger]]:
    """Lock the recipients nobody else is deciding for; the others come next round."""
    slice_, parameters = who(recipients)
    return routed(f"{_LOCK} SKIP LOCKED", slice_, _ledgers, **parameters)


def await_ledgers(recipients: Iterable[str]) -> Query[dict[str, Ledger]]:
    """Lock all of them, also those that somebody decides for just now."""
    slice_, parameters = who(recipients)
    return routed(_LOCK, slice_, _ledgers, **parameters)


def read_ledgers(recipients: Iterable[str]) -> Query[dict[str, Ledger]]:
    """Ledgers to look at, without a lock, of those who have one."""
    slice_, parameters = who(recipients)
    return routed(
        f"""
        SELECT l.recipient_id, l.seq, l.change, l.slots, l.said
          FROM {WHO} JOIN ledger l ON l.bucket = u.bucket AND l.recipient_id = u.id
         WHERE l.bucket = ANY(:slice)
        """,
        slice_,
        _ledgers,
        **parameters,
    )


def write_ledgers(ledgers: Mapping[str, Ledger]) -> Query[int]:
    """Store locked ledgers as they are now."""
    recipients = sorted(ledgers)
    buckets = [bucket_of(recipient) for recipient in recipients]
    ordered = [ledgers[recipient] for recipient in recipients]
    return routed(
        """
        UPDATE ledger l SET seq = u.seq, change = u.change, slots = u.slots, said = u.said
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]),
                      CAST(:seqs AS bigint[]), CAST(:changes AS bigint[]),
                      CAST(:slots AS jsonb[]), CAST(:said AS bytea[]))
               u (bucket, id, seq, change, slots, said)
         WHERE l.bucket = ANY(:slice) AND l.bucket = u.bucket AND l.recipient_id = u.id
        """,
        slice_of(buckets),
        count,
        buckets=buckets,
        ids=recipients,
        seqs=[ledger.seq for ledger in ordered],
        changes=[ledger.change for ledger in ordered],
        slots=[_written(ledger) for ledger in ordered],
        said=[ledger.said for ledger in ordered],
    )


def _ledgers(result: Answer) -> dict[str, Ledger]:
    return {
        row.recipient_id: Ledger(row.seq, row.change, _slots(row.slots), row.said) for row in result
    }


def _slots(stored: Mapping[str, Any]) -> dict[str, tuple[Stamp, ...]]:
    return {
        counter: tuple(Stamp(_moment(ms), UUID(delivery)) for ms, delivery in stamps)
        for counter, stamps in stored.items()
    }


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND


def _written(ledger: Ledger) -> str:
    """Slots as they are stored: `{counter: [[milliseconds since 1970, delivery], …]}`."""
    if not ledger.slots:
        return "{}"
    return dumps(
        {
            counter: [[_milliseconds(stamp.at), str(stamp.delivery_id)] for stamp in stamps]
            for counter, stamps in ledger.slots.items()
        }
    )


def _milliseconds(moment: datetime) -> int:
    """Rounded up: a slot must not open a moment early."""
    return -((_EPOCH - moment) // _MILLISECOND)
