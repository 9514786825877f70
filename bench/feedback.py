"""Feedback: signed batches posted to the edge, then folded, about deliveries that were sent."""

import asyncio
import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from httpx import ASGITransport, AsyncClient

from bench.cpu import Meter
from bench.ground import Ground
from bench.measure import Figures
from bench.population import ORDER
from delivery.api.app import build_app
from delivery.settings import DeliverySettings
from models.database import Database, SyncDatabase
from models.ids import day_of, delivery_id, event_id, place_of
from models.queries.keeping import partitions
from scheduler.folding import feedback
from scheduler.runtime import build_runtime

_BATCH = 500
_POSTS = 4
"""Posts at once, as a vendor makes them."""
_KEY = b64encode(b"signs the events of the benchmark")
_SENT = """
    COPY deliveries (bucket, day, delivery_id, event_id, recipient_id, topic, class, channel, step,
                     state, attempts, test, address, provider, destination, created_at, sent_at,
                     settled_at, trace) FROM STDIN
"""


def take(ground: Ground, events: int) -> Figures:
    """Take so many events in: verified, translated, committed, answered."""
    with ground.database() as url:
        sent = plant(url, events)
        ground.checkpoint()
        with Meter(os.getpid(), ground.postmaster) as meter:
            asyncio.run(post(url, sent))
        return meter.figures(events)


def fold(ground: Ground, events: int) -> Figures:
    """Fold so many events that were taken in, in one process."""
    with ground.database() as url:
        asyncio.run(post(url, plant(url, events)))
        ground.checkpoint()
        with Meter(os.getpid(), ground.postmaster) as meter:
            asyncio.run(_fold(url))
        return meter.figures(events)


def plant(url: str, rows: int) -> list[UUID]:
    """Deliveries that were sent today."""
    now = datetime.now(UTC)
    database, day = SyncDatabase.connect(url, "tidings bench"), day_of(now)
    with database.begin() as tx:
        for table in partitions.HISTORY:
            for statement in partitions.make_partition(table, day):
                tx.run(statement)
    database.close()
    event = event_id(UUID(int=1), UUID(int=2), day)
    people = [f"somebody-{number}" for number in range(rows)]
    ids = [delivery_id(event, who, "email", "email") for who in people]
    with psycopg.connect(url) as connection, connection.cursor().copy(_SENT) as copy:
        for who, one in zip(people, ids, strict=True):
            copy.write_row((
                place_of(one).bucket, day, one, event, who, ORDER, "transactional", "email",
                "email", "sent", 1, False, f"{who}@example.com", "smtp", "other", now, now, now,
                "{}",
            ))  # fmt: skip
    return ids


async def post(url: str, sent: Sequence[UUID]) -> None:
    database = Database.connect(url, "tidings bench")
    app = build_app(
        database,
        DeliverySettings(_env_file=None, feedback_secret=f"whsec_{_KEY.decode()}"),
        b"a secret of the benchmark, long enough",
    )
    batches = [sent[start : start + _BATCH] for start in range(0, len(sent), _BATCH)]
    room = asyncio.Semaphore(_POSTS)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://edge") as http:

        async def deliver(number: int, batch: Sequence[UUID]) -> None:
            async with room:
                headers, body = _signed(number, batch)
                answer = await http.post("/feedback/generic", content=body, headers=headers)
                answer.raise_for_status()

        await asyncio.gather(*(deliver(*each) for each in enumerate(batches)))
    await database.close()


def _signed(number: int, batch: Sequence[UUID]) -> tuple[dict[str, str], bytes]:
    """A batch as a gateway signs it: mostly delivered, one in a hundred bounced."""
    now = datetime.now(UTC)
    events = [
        {
            "id": str(one), "kind": "delivered" if place else "bounced", "delivery_id": str(one),
            "occurred_at": now.isoformat(), "text": "250 ok" if place else "550 5.1.1 unknown",
        }
        for place, one in ((place % 100, one) for place, one in enumerate(batch))
    ]  # fmt: skip
    body, stamp, name = json.dumps({"events": events}).encode(), int(now.timestamp()), f"m{number}"
    mac = hmac.digest(b64decode(_KEY), f"{name}.{stamp}.".encode() + body, "sha256")
    signature = f"v1,{b64encode(mac).decode()}"
    return {
        "webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature,
    }, body  # fmt: skip


async def _fold(url: str) -> None:
    os.environ.setdefault("TIDINGS_SECRET_KEY", "a secret of thirty-two characters")
    runtime = build_runtime(url, bundled=False)
    while await feedback.step(runtime):
        pass
    await runtime.close()
