"""Core tables: configuration, recipients, outbox, queue, history, feed, access."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute, reference, single

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())
REFERENCE = (
    "sources",
    "topics",
    "templates",
    "topic_steps",
    "template_versions",
    "provider_accounts",
    "people",
    "sign_ins",
    "api_keys",
)
"""Rarely written, read by all: a copy on every node."""
SINGLE = (
    "switches",
    "workers",
    "audit",
    "idempotency",
)
"""Small and busy: one node."""
LOCAL = (
    "outbox",
    "recipient_changes",
)
"""Ordinary tables in the producers' own transactions."""
DISTRIBUTED = (
    "event_keys",
    "addresses",
    "attempts",
    "deliveries",
    "event_duplicates",
    "events",
    "expansions",
    "feedback",
    "feedback_unmatched",
    "inbox",
    "latencies",
    "ledger",
    "preferences",
    "queue",
    "recipients",
    "rollups",
    "suppressions",
)
"""Big: one shard a bucket."""

VIEWS = {
    "v_events": """
        SELECT e.event_id, coalesce(s.name, CAST(e.source AS text)) AS source, e.outbox_id,
               e.topic, e.state, e.reason, e.dedup_key, e.duplicates, e.created_at, e.planned_at,
               e.detail
          FROM events e LEFT JOIN sources s ON s.source = e.source
    """,
    "v_deliveries": """
        SELECT d.delivery_id, d.event_id, d.campaign, d.topic, d.class, d.recipient_id, d.channel,
               d.step, coalesce(q.state, d.state) AS state, d.reason, q.held_for,
               coalesce(q.attempt, d.attempts) AS attempts, d.provider, d.message_id,
               d.created_at, coalesce(q.due_at, d.due_at) AS due_at, d.sent_at, d.settled_at
          FROM deliveries d
          LEFT JOIN queue q ON q.bucket = d.bucket AND q.delivery_id = d.delivery_id
    """,
    "v_feedback": """
        SELECT vendor || ':' || vendor_event_id AS feedback_id, delivery_id, kind, vendor,
               vendor_event_id, occurred_at, detail
          FROM feedback
    """,
    "v_rollups": """
        SELECT minute, topic, channel, provider, destination, class, state, reason,
               CAST(sum(entered) AS bigint) AS entered, CAST(sum("left") AS bigint) AS "left"
          FROM rollups
         GROUP BY minute, topic, channel, provider, destination, class, state, reason
    """,
}
"""The stable way to read in SQL: columns may be added, never changed (docs/reference.md)."""

OWN_SOURCE = "00000000-0000-8000-8000-000000000001"
"""The source that is this very database's outbox."""


def upgrade() -> None:
    create_configuration()
    create_access()
    create_intake()
    create_recipients()
    create_deliveries()
    create_counts()
    distribute_tables()
    create_indexes()
    create_foreign_keys()
    for name, select in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select}")
    # Without it nobody would drain our own outbox.
    op.execute(
        "INSERT INTO sources (source, name, enabled, created_at)"
        f" VALUES ('{OWN_SOURCE}', 'local', true, now())"
    )


def downgrade() -> None:
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    for name in (*DISTRIBUTED, *LOCAL, *SINGLE, *reversed(REFERENCE)):
        op.drop_table(name)


def create_configuration() -> None:
    op.create_table(
        "sources",
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="sources_pkey"),
        sa.UniqueConstraint("name", name="sources_name_key"),
    )
    op.create_table(
        "topics",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("schema", postgresql.JSONB(), nullable=True),
        sa.Column("dedup_window", sa.Interval(), nullable=False),
        sa.Column("lifetime", sa.Interval(), nullable=True),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("on_doubt", sa.Text(), nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("topic", name="topics_pkey"),
    )
    op.create_table(
        "templates",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("live_version", sa.BigInteger(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("template", name="templates_pkey"),
    )
    op.create_table(
        "topic_steps",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("topic", "step", name="topic_steps_pkey"),
    )
    op.create_table(
        "template_versions",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("preheader", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("compiled", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("template", "version", name="template_versions_pkey"),
    )
    op.create_table(
        "provider_accounts",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("account", name="provider_accounts_pkey"),
    )
    op.create_table(
        "switches",
        sa.Column("switch", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("switch", name="switches_pkey"),
    )


def create_access() -> None:
    op.create_table(
        "people",
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", TEXTS, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", name="people_pkey"),
        sa.UniqueConstraint("email", name="people_email_key"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="sign_ins_pkey"),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.UUID(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("scopes", TEXTS, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("key_id", name="api_keys_pkey"),
        sa.UniqueConstraint("key_hash", name="api_keys_key_hash_key"),
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="audit_pkey"),
    )
    op.create_table(
        "workers",
        sa.Column("worker", sa.UUID(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("clock_skew_ms", sa.BigInteger(), nullable=False),
        sa.Column("process", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("worker", name="workers_pkey"),
    )


def create_intake() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("recipients", TEXTS, nullable=True),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=True),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("tags", TEXTS, nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("tenant", sa.Text(), nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("test", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at", MOMENT, server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("source", sa.UUID(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
    )
    op.create_table(
        "event_keys",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("row_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "source", "key", name="event_keys_pkey"),
    )
    op.create_table(
        "events",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("outbox_id", sa.UUID(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("dedup_key", sa.Text(), nullable=True),
        sa.Column("duplicates", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("recipients", TEXTS, nullable=True),
        sa.Column("recipient_count", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("tenant", sa.Text(), nullable=True),
        sa.Column("tags", TEXTS, nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("not_before", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "day", "event_id", name="events_pkey"),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "event_duplicates",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("outbox_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("dedup_key", sa.Text(), nullable=False),
        sa.Column("differs", sa.Boolean(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "source", "outbox_id", name="event_duplicates_pkey"),
    )
    op.create_table(
        "expansions",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("chunk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipients", TEXTS, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("bucket", "event_id", "chunk", name="expansions_pkey"),
    )
    op.create_table(
        "idempotency",
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("outbox_id", sa.UUID(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name="idempotency_pkey"),
    )


def create_recipients() -> None:
    op.create_table(
        "recipients",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.Column("org", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "recipient_id", name="recipients_pkey"),
    )
    op.create_table(
        "recipient_changes",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("profile", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at", MOMENT, server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="recipient_changes_pkey"),
    )
    op.create_table(
        "addresses",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("suppressed_for", sa.Text(), nullable=True),
        sa.Column("suppressed_until", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "recipient_id", "channel", "address", name="addresses_pkey"
        ),
    )
    op.create_table(
        "preferences",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "recipient_id", "category", "channel", name="preferences_pkey"
        ),
    )
    op.create_table(
        "suppressions",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "channel", "address", name="suppressions_pkey"),
    )
    op.create_table(
        "ledger",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("change", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("slots", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "recipient_id", name="ledger_pkey"),
    )
    op.create_table(
        "inbox",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("bucket", "recipient_id", "seq", name="inbox_pkey"),
    )


def create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("template_version", sa.BigInteger(), nullable=True),
        sa.Column("context", sa.LargeBinary(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("trace", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "day", "delivery_id", name="deliveries_pkey"),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "queue",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'scheduled'"), nullable=False),
        sa.Column("held_for", sa.Text(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tries", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("crashes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("token", sa.UUID(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("tags", TEXTS, nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("tenant", sa.Text(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "delivery_id", name="queue_pkey"),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_table(
        "attempts",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("code", sa.SmallInteger(), nullable=True),
        sa.Column("enhanced", sa.Text(), nullable=True),
        sa.Column("response", sa.Text(), nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bucket", "day", "delivery_id", "attempt", name="attempts_pkey"),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "feedback",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("vendor_event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "day", "delivery_id", "vendor", "vendor_event_id", name="feedback_pkey"
        ),
        postgresql_partition_by="RANGE (day)",
    )
    op.create_table(
        "feedback_unmatched",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("vendor_event_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "vendor", "vendor_event_id", name="feedback_unmatched_pkey"
        ),
    )


def create_counts() -> None:
    op.create_table(
        "rollups",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.UUID(), nullable=False),
        sa.Column("minute", MOMENT, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket",
            "batch",
            "minute",
            "topic",
            "channel",
            "provider",
            "destination",
            "class",
            "state",
            "reason",
            name="rollups_pkey",
        ),
    )
    op.create_table(
        "latencies",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.UUID(), nullable=False),
        sa.Column("minute", MOMENT, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("bin", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "batch", "minute", "channel", "class", "bin", name="latencies_pkey"
        ),
    )


def distribute_tables() -> None:
    for name in REFERENCE:
        reference(name)
    for name in SINGLE:
        single(name)
    for name in DISTRIBUTED:
        distribute(name)


def create_indexes() -> None:
    op.create_index("audit_at", "audit", ["at"])
    op.create_index("deliveries_recent", "deliveries", ["created_at"])
    op.create_index("deliveries_recipient", "deliveries", ["bucket", "recipient_id", "created_at"])
    op.create_index("event_duplicates_seen", "event_duplicates", ["seen_at"])
    op.create_index("event_keys_expiry", "event_keys", ["expires_at"])
    op.create_index(
        "events_expanding",
        "events",
        ["created_at"],
        postgresql_where=sa.text("state = 'expanding'"),
    )
    op.create_index("events_recent", "events", ["created_at"])
    op.create_index(
        "events_rejected", "events", ["planned_at"], postgresql_where=sa.text("state = 'rejected'")
    )
    op.create_index(
        "expansions_event", "expansions", ["event_id"], postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index(
        "expansions_open", "expansions", ["due_at"], postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index("idempotency_expiry", "idempotency", ["expires_at"])
    op.create_index("inbox_change", "inbox", ["bucket", "recipient_id", "change"])
    op.create_index("latencies_minute", "latencies", ["minute"])
    op.create_index(
        "latencies_unfolded",
        "latencies",
        ["minute"],
        postgresql_where=sa.text("batch <> '00000000-0000-0000-0000-000000000000'"),
    )
    op.create_index("outbox_topic", "outbox", [sa.text("left(topic, 200)"), "created_at"])
    op.create_index("outbox_waiting", "outbox", ["created_at"])
    op.create_index(
        "queue_feed",
        "queue",
        ["lane", "due_at"],
        postgresql_where=sa.text("token IS NULL AND channel = 'in_app'"),
    )
    op.create_index(
        "queue_leased", "queue", ["lease_until"], postgresql_where=sa.text("token IS NOT NULL")
    )
    op.create_index(
        "queue_out",
        "queue",
        ["lane", "due_at"],
        postgresql_where=sa.text("token IS NULL AND channel <> 'in_app'"),
    )
    op.create_index("queue_recipient", "queue", ["bucket", "recipient_id"])
    op.create_index(
        "recipient_changes_waiting",
        "recipient_changes",
        ["created_at"],
        postgresql_where=sa.text("problem IS NULL"),
    )
    op.create_index("rollups_minute", "rollups", ["minute"])
    op.create_index(
        "rollups_unfolded",
        "rollups",
        ["minute"],
        postgresql_where=sa.text("batch <> '00000000-0000-0000-0000-000000000000'"),
    )


def create_foreign_keys() -> None:
    op.create_foreign_key("api_keys_source_fkey", "api_keys", "sources", ["source"], ["source"])
    op.create_foreign_key("sign_ins_person_fkey", "sign_ins", "people", ["person"], ["person"])
    op.create_foreign_key(
        "template_versions_template_fkey",
        "template_versions",
        "templates",
        ["template"],
        ["template"],
    )
    op.create_foreign_key(
        "topic_steps_template_fkey", "topic_steps", "templates", ["template"], ["template"]
    )
    op.create_foreign_key("topic_steps_topic_fkey", "topic_steps", "topics", ["topic"], ["topic"])
