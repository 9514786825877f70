"""What is true of a database whenever no tick is at work, whatever happened before."""

from typing import Any

import psycopg

_COUNTED = """
    SELECT topic, channel, class, state, reason, provider, destination,
           CAST(sum(entered) - sum("left") AS bigint)
      FROM rollups GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(entered) <> sum("left")
"""
_THERE = """
    SELECT d.topic, d.channel, d.class, coalesce(q.state, d.state),
           CASE WHEN q.state IS NULL THEN coalesce(d.reason, '') ELSE '' END,
           coalesce(d.provider, ''), coalesce(d.destination, ''), count(*)
      FROM deliveries d LEFT JOIN queue q USING (bucket, delivery_id)
     WHERE NOT d.test GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
_LIES = {
    "a queue row whose delivery ended or is not there": """
        SELECT q.delivery_id, d.state FROM queue q
          LEFT JOIN deliveries d USING (bucket, day, delivery_id)
         WHERE d.state IS DISTINCT FROM 'scheduled'
    """,
    "a delivery that waits but is not in the queue": """
        SELECT d.delivery_id, d.state FROM deliveries d
          LEFT JOIN queue q USING (bucket, delivery_id)
         WHERE d.state IN ('scheduled', 'sending') AND q.delivery_id IS NULL
    """,
    "a settled delivery without its time, or a skipped one without its reason": """
        SELECT delivery_id, state FROM deliveries
         WHERE state <> 'scheduled' AND (settled_at IS NULL OR trace IS NULL)
            OR state IN ('skipped', 'failed', 'expired', 'bounced', 'in_doubt') AND reason IS NULL
            OR state = 'sent' AND (sent_at IS NULL OR reason IS NOT NULL)
    """,
    "a delivery in doubt of which no attempt is": """
        SELECT delivery_id FROM deliveries d WHERE state = 'in_doubt' AND NOT EXISTS (
               SELECT FROM attempts a WHERE a.bucket = d.bucket AND a.day = d.day
                  AND a.delivery_id = d.delivery_id AND a.outcome = 'in_doubt')
    """,
    "a queue row that counts other doubts than its attempts": """
        SELECT q.delivery_id, q.doubts FROM queue q
         WHERE q.doubts <> (SELECT count(*) FROM attempts a
                            WHERE a.bucket = q.bucket AND a.day = q.day
                              AND a.delivery_id = q.delivery_id AND a.outcome = 'in_doubt')
    """,
    "a lease that is half there": """
        SELECT delivery_id, state, token FROM queue
         WHERE (state = 'sending') IS DISTINCT FROM (token IS NOT NULL)
            OR (token IS NULL) IS DISTINCT FROM (lease_until IS NULL)
            OR token IS NULL AND begun_at IS NOT NULL
    """,
    "a feed with a gap, a double or another end than its ledger says": """
        SELECT l.recipient_id, l.seq, l.change, count(i.seq), max(i.seq), max(i.change)
          FROM ledger l LEFT JOIN inbox i USING (bucket, recipient_id)
         GROUP BY l.bucket, l.recipient_id
        HAVING count(i.seq) <> l.seq OR coalesce(max(i.seq), 0) <> l.seq
            OR coalesce(max(i.change), 0) <> l.change
            OR count(DISTINCT i.delivery_id) <> count(i.seq)
    """,
    "a feed item without its sent delivery, or the reverse": """
        SELECT d.delivery_id, i.delivery_id FROM inbox i
          FULL JOIN (SELECT * FROM deliveries WHERE channel = 'in_app' AND state = 'sent'
                        AND recipient_id NOT LIKE 'erased-%') d
               USING (bucket, delivery_id)
         WHERE d.state IS NULL OR i.seq IS NULL
    """,
    "a planned event without some of its deliveries": """
        SELECT e.event_id, e.recipient_count FROM events e
          LEFT JOIN (SELECT topic, count(*) FROM topic_steps GROUP BY topic) s USING (topic)
          LEFT JOIN (SELECT event_id, count(*) FROM deliveries GROUP BY event_id) d
               USING (event_id)
         WHERE e.state = 'planned'
           AND e.recipient_count * coalesce(s.count, 0) <> coalesce(d.count, 0)
    """,
    "a rejected event with deliveries, or without a sentence": """
        SELECT e.event_id, e.reason, e.detail FROM events e
         WHERE e.state = 'rejected' AND (reason IS NULL OR coalesce(detail, '') = ''
               OR e.event_id IN (SELECT d.event_id FROM deliveries d))
    """,
    "an attempt with a number that was never claimed": """
        SELECT a.delivery_id, a.attempt FROM attempts a
          JOIN deliveries d USING (bucket, day, delivery_id)
          LEFT JOIN queue q USING (bucket, delivery_id)
         WHERE a.attempt > coalesce(q.attempt, d.attempts) OR a.attempt < 1
    """,
    "duplicates that are counted but not listed, or the reverse": """
        SELECT e.event_id, e.duplicates, count(d.outbox_id) FROM events e
          LEFT JOIN event_duplicates d USING (bucket, event_id)
         GROUP BY e.bucket, e.day, e.event_id HAVING e.duplicates <> count(d.outbox_id)
    """,
    "an event whose row key is missing": """
        SELECT e.event_id FROM events e
          LEFT JOIN event_keys k ON k.bucket = e.bucket AND k.source = e.source
                                AND k.key = 'r:' || e.outbox_id
         WHERE k.key IS NULL
    """,
}


def check(connection: psycopg.Connection[Any]) -> None:
    """Assert all of it."""
    for lie, query in _LIES.items():
        assert connection.execute(query).fetchall() == [], lie
    counted = sorted(connection.execute(_COUNTED).fetchall())
    assert counted == sorted(connection.execute(_THERE).fetchall()), "counts that do not add up"
