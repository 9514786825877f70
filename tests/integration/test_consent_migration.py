"""What was suppressed and chosen before there were scopes stays so, both ways."""

from typing import Any

import psycopg

from models.schema import downgrade, upgrade

BEFORE, AFTER = "0009", "0010"
OLD = """
    INSERT INTO addresses (bucket, recipient_id, channel, address, preferred, suppressed_for,
                           suppressed_until, created_at)
    VALUES (1, 'anna', 'email', 'a@x.test', true, 'complaint', NULL, now()),
           (2, 'bo', 'email', 'b@x.test', true, 'soft', '2030-02-03 04:05:06.7+02', now()),
           (3, 'cy', 'email', 'c@x.test', true, NULL, NULL, now());
    INSERT INTO suppressions (bucket, channel, address, reason, source, expires_at, created_at)
    VALUES (7, 'email', 'a@x.test', 'complaint', 'arf', NULL, '2026-01-01');
    INSERT INTO preferences (bucket, recipient_id, category, channel, allowed, changed_at,
                             changed_by)
    VALUES (1, 'anna', 'news', 'email', false, now(), 'one-click')
"""
COPIES = "SELECT recipient_id, suppressed_for, suppressed_until FROM addresses ORDER BY 1"
NEW = """
    INSERT INTO suppressions (bucket, channel, address, category, reason, source, created_at)
    VALUES (7, 'email', 'a@x.test', 'news', 'complaint', 'ada', now()),
           (7, '*', 'a@x.test', '*', 'law', 'ada', now());
    UPDATE addresses SET suppressed = suppressed || '{"email/news": {"reason": "x", "until": null}}'
     WHERE recipient_id = 'anna';
    INSERT INTO preferences (bucket, recipient_id, category, channel, allowed, until, changed_at,
                             changed_by)
    VALUES (1, 'anna', '*', '*', false, now(), now(), 'anna')
"""


def rows(url: str, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'Asia/Tokyo'")
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def test_copies_and_choices_are_carried_over_both_ways(empty_database_url: str):
    url = empty_database_url
    upgrade(url, BEFORE)
    rows(url, OLD)
    copies = rows(url, COPIES)
    upgrade(url, AFTER)
    assert rows(url, "SELECT recipient_id, suppressed FROM addresses ORDER BY 1") == [
        ("anna", {"email/*": {"reason": "complaint", "until": None}}),
        ("bo", {"email/*": {"reason": "soft", "until": "2030-02-03T02:05:06.700000+00:00"}}),
        ("cy", None),
    ]
    assert rows(url, "SELECT category, change, source FROM suppression_changes") == [
        ("*", "suppressed", "arf")
    ]
    rows(url, NEW)
    downgrade(url, BEFORE)
    assert rows(url, COPIES) == copies
    assert rows(url, "SELECT channel, reason FROM suppressions") == [("email", "complaint")]
    assert rows(url, "SELECT category FROM preferences") == [("news",)]
