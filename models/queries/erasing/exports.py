"""Everything that is kept about one recipient, as one JSON document, piece by piece.

Each page is a statement of its own, so however much there is, neither Postgres nor we hold it at
once. Schema: docs/export.md. Other people are left out: who of the staff did something, and the
recipients and data of events for several.
"""

import json
import zlib
from collections.abc import Generator
from datetime import datetime
from typing import Any

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Query, rows, sql

SCHEMA = "tidings/recipient-export/1"
EXPORTED = "exported a recipient"
"""What the audit says; who it was stands there as a pseudonym, which outlives them."""
PAGE = 200
"""Rows of one statement."""

Telling = Generator[str | Query[Any], Any, None]
"""Pieces of text, and statements whose answers are wanted for the next ones."""

Pages = Generator[Query[Any] | list[Any], Any, None]
"""Statements, and the rows they become."""

_OWN: dict[str, tuple[str, str]] = {
    "profile": (
        "recipients",
        """recipient_id, name, locale, timezone, org, quiet_hours, digest, attributes, created_at,
           updated_at""",
    ),
    "addresses": ("addresses", "channel, address, preferred, suppressed, created_at"),
    "preferences": (
        "preferences",
        "category, channel, allowed, until, changed_at, changed_by = :id AS by_themselves",
    ),
    "preference_changes": (
        "preference_changes",
        "at, category, channel, allowed, until, via, changed_by = :id AS by_themselves",
    ),
    "digests": (
        "digests",
        "digest_id, topic, channel, kind, opened_at, closes_at, closed_at, members, message_id",
    ),
    "counters": ("ledger", "seq AS feed_items, change AS feed_changes, slots"),
    "conversions": (
        "conversions",
        "name, value, currency, occurred_at, received_at, delivery_id, basis",
    ),
    "audience_lists": ("audience_members", "audience, list, recipient_id"),
    "campaigns": ("campaign_members", "run, variant, excluded"),
    "withdrawn_threads": ("tombstones", "topic, thread, until, made_at"),
    "expected": (
        "queue",
        "delivery_id, topic, channel, step, state, held_for, due_at, expires_at, created_at",
    ),
}
"""Section to the table of their own bucket that is in it, and its columns."""
_INBOX = """
    SELECT seq, delivery_id, topic, title, body, url, actor, thread, created_at, seen_at, read_at,
           archived_at
      FROM inbox WHERE bucket = ANY(:slice) AND recipient_id = :id AND seq > :after
     ORDER BY seq LIMIT :limit
"""
_DELIVERIES = """
    SELECT d.delivery_id, d.event_id, d.topic, d.class, d.channel, d.step,
           coalesce(q.state, d.state) AS state, d.reason, d.detail, d.address, d.message_id,
           d.template, d.template_version, d.response, d.campaign, d.created_at, d.due_at,
           d.sent_at, d.settled_at, coalesce(q.trace, d.trace) AS trace, d.context,
           (SELECT jsonb_agg(to_jsonb(a) - CAST(:key AS text[]) ORDER BY a.attempt)
              FROM attempts a WHERE a.bucket = ANY(:slice) AND a.bucket = d.bucket
               AND a.day = d.day AND a.delivery_id = d.delivery_id) AS attempts,
           (SELECT jsonb_agg(to_jsonb(f) - CAST(:key AS text[]) ORDER BY f.occurred_at)
              FROM feedback f WHERE f.bucket = ANY(:slice) AND f.bucket = d.bucket
               AND f.day = d.day AND f.delivery_id = d.delivery_id) AS feedback
      FROM deliveries d
      LEFT JOIN queue q ON q.bucket = ANY(:slice) AND q.bucket = d.bucket
            AND q.delivery_id = d.delivery_id
     WHERE d.bucket = ANY(:slice) AND d.recipient_id = :id
       AND (d.created_at, d.delivery_id) > (:after, :after_id)
     ORDER BY d.created_at, d.delivery_id LIMIT :limit
"""
_BY_ADDRESS = {
    "suppressions": "channel, address, category, reason, expires_at, created_at",
    "suppression_changes": "channel, address, category, at, change, reason, expires_at",
    "soft_bounces": "channel, address, delivery_id, at",
}
_AUDIT = """
    SELECT at, action FROM audit
     WHERE subject = ANY(:names) OR detail ->> 'recipient' = :id
        OR EXISTS (SELECT FROM unnest(CAST(:addresses AS text[])) one
                    WHERE strpos(subject, one) > 0)
     ORDER BY at
"""
_EPOCH, _NOBODY = "-infinity", "00000000-0000-0000-0000-000000000000"


def telling(recipient: str, at: datetime) -> Telling:
    """The document; `at` is when it was asked for."""
    slice_, theirs = slice_of([bucket_of(recipient)]), {"id": recipient}
    head = {"schema": SCHEMA, "recipient_id": recipient, "exported_at": at}
    yield _json(head)[:-1]
    addresses: set[str] = set()
    for name, (table, columns) in _OWN.items():
        select = f"SELECT {columns} FROM {table}"
        statement = f"{select} WHERE bucket = ANY(:slice) AND recipient_id = :id ORDER BY 1, 2, 3"
        found: list[dict[str, Any]] = yield routed(statement, slice_, _named, **theirs)
        addresses |= {row["address"] for row in found if name == "addresses"}
        value: Any = found if name not in {"profile", "counters"} else next(iter(found), None)
        yield f",\n{json.dumps(name)}: {_json(value)}"
    yield from _list("feed", _items(recipient, slice_))
    yield from _list("deliveries", _deliveries(recipient, slice_, addresses))
    yield from _about(recipient, sorted(addresses))
    yield "}\n"


def _about(recipient: str, addresses: list[str]) -> Telling:
    """What stands against their addresses, and what staff did about them."""
    for name, columns in _BY_ADDRESS.items():
        found = yield routed(
            f"SELECT {columns} FROM {name}"
            " WHERE bucket = ANY(:slice) AND address = ANY(:addresses) ORDER BY 1, 2, 3, 4",
            slice_of(map(bucket_of, addresses)),
            _named,
            addresses=addresses,
        )
        yield f",\n{json.dumps(name)}: {_json(found)}"
    said = {"id": recipient, "names": [recipient, *addresses], "addresses": addresses}
    found = yield sql(_AUDIT, _named, **said)
    yield f',\n"audit": {_json(found)}'


def _list(name: str, pages: Pages) -> Telling:
    """A section that is read page by page."""
    yield f",\n{json.dumps(name)}: ["
    gap, answer = "\n", None
    while True:
        try:
            step = pages.send(answer)
        except StopIteration:
            break
        answer = None
        if isinstance(step, Query):
            answer = yield step
            continue
        for row in step:
            yield f"{gap}{_json(row)}"
            gap = ",\n"
    yield "]"


def _items(recipient: str, slice_: Slice) -> Pages:
    after = 0
    while True:
        page = {"id": recipient, "after": after, "limit": PAGE}
        found: list[dict[str, Any]] = yield routed(_INBOX, slice_, _named, **page)
        yield found
        if len(found) < PAGE:
            return
        after = found[-1]["seq"]


def _deliveries(recipient: str, slice_: Slice, addresses: set[str]) -> Pages:
    """Deliveries from the oldest on; the addresses they went to are noted."""
    after: Any = (_EPOCH, _NOBODY)
    while True:
        page = {"id": recipient, "after": after[0], "after_id": after[1], "limit": PAGE}
        page["key"] = ["bucket", "day", "delivery_id"]
        found: list[dict[str, Any]] = yield routed(_DELIVERIES, slice_, _named, **page)
        addresses |= {row["address"] for row in found if row["address"]}
        yield [{**row, "context": _context(row["context"])} for row in found]
        if len(found) < PAGE:
            return
        after = (found[-1]["created_at"], found[-1]["delivery_id"])


def _context(packed: bytes | None) -> Any:
    return None if packed is None else json.loads(zlib.decompress(packed))


def _named(result: Answer) -> list[dict[str, Any]]:
    return [row._asdict() for row in rows(result)]


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
