"""A feed of thousands of items is read as quickly as a short one."""

from typing import Any

import psycopg
import pytest

from models.driver import as_psycopg
from models.ids import bucket_of
from models.queries.console import cards
from models.queries.people import feed
from models.query import Query

_ITEMS = """
    INSERT INTO inbox (bucket, recipient_id, seq, change, delivery_id, topic, title, body,
                       created_at)
    SELECT %(bucket)s, 'anna', n, n, gen_random_uuid(), 'news', 'Hello', 'Said long ago', now()
      FROM generate_series(1, 5000) n
"""
_FEW = 40
"""Pages: of a page of 20 items, wherever they lie, and of the way to them."""


@pytest.mark.parametrize(
    "query",
    [
        feed.page("anna", None, 20),
        feed.page("anna", 2500, 20),
        feed.changes("anna", 2500, 20),
        cards.feed_of("anna", limit=20),
    ],
    ids=["newest", "further on", "changes", "console"],
)
def test_a_page_touches_few_pages(database_url: str, query: Query[Any]):
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_ITEMS, {"bucket": bucket_of("anna")})
        connection.execute("VACUUM ANALYZE inbox")
        asked = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + as_psycopg(query.statement)
        row = connection.execute(asked, query.parameters).fetchone()
    assert row
    plan = row[0][0]["Plan"]
    assert plan["Actual Rows"] == 20
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < _FEW
