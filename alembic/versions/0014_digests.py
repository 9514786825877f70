"""News that waits to go together, and what was taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())
DISTRIBUTED = ("digests", "digest_members", "tombstones")
OPEN = sa.text("closed_at IS NULL")

OLD_VIEW = """
    SELECT d.delivery_id, d.event_id, d.campaign, d.topic, d.class, d.recipient_id, d.channel,
           d.step, coalesce(q.state, d.state) AS state, d.reason, q.held_for,
           coalesce(q.attempt, d.attempts) AS attempts, d.provider, d.message_id,
           d.created_at, coalesce(q.due_at, d.due_at) AS due_at, d.sent_at, d.settled_at
      FROM deliveries d
      LEFT JOIN queue q ON q.bucket = d.bucket AND q.delivery_id = d.delivery_id
"""
VIEW = OLD_VIEW.replace("d.settled_at", "d.settled_at, d.digest")


def upgrade() -> None:
    op.add_column("topics", sa.Column("digest", postgresql.JSONB(), nullable=True))
    op.add_column("topics", sa.Column("cancels", TEXTS, nullable=True))
    op.add_column("recipients", sa.Column("digest", postgresql.JSONB(), nullable=True))
    for table in ("deliveries", "queue"):
        op.add_column(
            table,
            sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        )
    op.execute(f"CREATE OR REPLACE VIEW v_deliveries AS {VIEW}")
    create_tables()
    for name in DISTRIBUTED:
        distribute(name)
    create_indexes()


def downgrade() -> None:
    for name in DISTRIBUTED:
        op.drop_table(name)
    op.execute("DROP VIEW v_deliveries")
    op.execute(f"CREATE VIEW v_deliveries AS {OLD_VIEW}")
    for table in ("queue", "deliveries", "recipients", "topics"):
        op.drop_column(table, "digest")
    op.drop_column("topics", "cancels")


def create_tables() -> None:
    op.create_table(
        "digests",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("digest_id", sa.UUID(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("grouped", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=True),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.UUID(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("latest_at", MOMENT, nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("message_id", sa.UUID(), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "digest_id", name="digests_pkey"),
    )
    op.create_table(
        "digest_members",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.UUID(), nullable=False),
        sa.Column("digest_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_id", sa.UUID(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("tags", TEXTS, nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("tenant", sa.Text(), nullable=True),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("follower", sa.UUID(), nullable=True),
        sa.Column("collected_at", MOMENT, nullable=False),
        sa.Column("trace", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "delivery_id", name="digest_members_pkey"),
    )
    op.create_table(
        "tombstones",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("applied_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint(
            "bucket", "recipient_id", "topic", "thread", name="tombstones_pkey"
        ),
    )


def create_indexes() -> None:
    op.create_index(
        "digests_open",
        "digests",
        ["bucket", "recipient_id", "topic", "step", "grouped"],
        unique=True,
        postgresql_where=OPEN,
    )
    op.create_index("digests_due", "digests", ["closes_at"], postgresql_where=OPEN)
    op.create_index(
        "digests_closed",
        "digests",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.create_index("digest_members_digest", "digest_members", ["bucket", "digest_id"])
    op.create_index(
        "tombstones_open",
        "tombstones",
        ["made_at"],
        postgresql_where=sa.text("applied_at IS NULL"),
    )
    op.create_index("tombstones_made", "tombstones", ["made_at"])
