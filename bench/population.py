"""Who and what the benchmarks are about: topics, templates, recipients, and their rows."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from delivery.rendering.compile import compile_mjml
from models.database import SyncDatabase
from models.ids import bucket_of
from models.queries.configuring import catalog, templates
from models.queries.planning.sources import OWN_SOURCE, add_source
from models.records import Class, Source, Step, TemplateVersion, Topic

NOTE, ORDER = "bench.note", "bench.order"
"""An in-app note, and a mail of 17 KB."""

CODE, NEWS = "bench.code", "bench.news"
"""The same mail as a critical one, and as a promotional one."""

_MJML = Path(__file__).with_name("order.mjml").read_text(encoding="utf-8")
_SCHEMA = json.dumps({"type": "object", "required": ["name"]})
_TOPICS = (
    Topic(
        NOTE,
        "Note",
        "notes",
        Class.TRANSACTIONAL,
        (Step("a", "in_app", "note"),),
        _SCHEMA,
        same_content=timedelta(),  # its payload is the same for us and everybody else
    ),
    Topic(ORDER, "Order", "orders", Class.TRANSACTIONAL, (Step("a", "email", "order"),), _SCHEMA),
    Topic(CODE, "Code", "codes", Class.CRITICAL, (Step("a", "email", "order"),), _SCHEMA),
    Topic(NEWS, "News", "offers", Class.PROMOTIONAL, (Step("a", "email", "order"),), _SCHEMA),
)
VERSIONS = {
    "note": TemplateVersion(
        "note", 1, "in_app", "Hello {{ data.name }}", "{{ data.vars.k1 }} by {{ data.email }}"
    ),
    "order": TemplateVersion(
        template="order",
        version=1,
        channel="email",
        subject="Your order {{ data.order.id }} is on its way",
        source=_MJML,
        compiled=compile_mjml(_MJML),
    ),
}


def plant(url: str, recipients: int) -> None:
    """Write topics, templates and recipients; every tenth of them has chosen something."""
    database = SyncDatabase.connect(url, "tidings bench")
    now = database.now()
    with database.begin() as tx:
        tx.run(add_source(Source(OWN_SOURCE, "local", None), now))
        for key, version in VERSIONS.items():
            tx.follow(templates.save_version(version, key, "bench", now))
        for topic in _TOPICS:
            for statement in catalog.save_topic(topic, now):
                tx.run(statement)
    database.close()
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            _populate(connection, recipients, now)
        connection.execute("VACUUM ANALYZE")


def _populate(connection: psycopg.Connection, recipients: int, now: datetime) -> None:
    people = [(bucket_of(who := f"user-{n}"), who, n) for n in range(recipients)]
    _copy(
        connection,
        "recipients (bucket, recipient_id, name, locale, timezone, attributes, created_at,"
        " updated_at)",
        [(b, who, f"Zoë Person {n}", "en", "UTC", "{}", now, now) for b, who, n in people],
    )
    _copy(
        connection,
        "addresses (bucket, recipient_id, channel, address, preferred, created_at)",
        [(b, who, "email", f"{who}@y.test", True, now) for b, who, _ in people],
    )
    _copy(
        connection,
        "preferences (bucket, recipient_id, category, channel, allowed, changed_at, changed_by)",
        [(b, who, "news", "*", False, now, "bench") for b, who, n in people if n % 10 == 0],
    )
    _copy(connection, "ledger (bucket, recipient_id)", [(b, who) for b, who, _ in people])


def _copy(connection: psycopg.Connection, target: str, rows: list[tuple[Any, ...]]) -> None:
    with connection.cursor().copy(f"COPY {target} FROM STDIN") as stream:
        for row in rows:
            stream.write_row(row)


PAYLOAD = json.dumps(
    {
        "user": 123456,
        "email": "someone@example.com",
        "name": "Some One",
        "vars": {f"k{i}": "v" * 20 for i in range(12)},
    }
)
"""About 500 bytes of data: the same for us and everybody else."""


def order(number: int) -> str:
    """The data of one mail."""
    line = {
        "name": "Thing <new>",
        "sku": "SKU-1",
        "price": "12.99",
        "image": "https://c.test/1.png",
    }
    return json.dumps(
        {
            "name": f"Zoë Person {number}",
            "brand": {"name": "Shop & Co", "logo": "https://c.test/l.png", "address": "1 Long St"},
            "vip": {"since": 2019, "orders": 3},
            "order": {
                "id": f"A{number}",
                "date": "2026-11-20",
                "address": "5 Short Road, Village",
                "due": "2026-11-25",
                "url": f"https://shop.test/o/{number}?t=abc&u=1",
                "total": "129.90",
                "tax": "20.10",
                "lines": [{**line, "quantity": k} for k in (1, 2)],
            },
        },
        ensure_ascii=False,
    )


def emit(
    connection: psycopg.Connection, topic: str, rows: int, not_before: datetime | None
) -> None:
    """Write rows into the outbox with COPY, each to a recipient of its own."""
    known = connection.execute("SELECT count(*) FROM recipients").fetchone()
    assert known
    command = "COPY outbox (topic, recipients, data, not_before) FROM STDIN"
    with connection.cursor().copy(command) as stream:
        for n in range(rows):
            data = PAYLOAD if topic == NOTE else order(n)
            stream.write_row((topic, [f"user-{n % known[0]}"], data, not_before))
