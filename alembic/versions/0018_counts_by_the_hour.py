"""Counts by the hour, how long answers took, and indexes for the list of suppressions.

What was folded before is added up once, so that charts reach as far back as before.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
FOLDED = "CAST('00000000-0000-0000-0000-000000000000' AS uuid)"
DIMENSIONS = ("topic", "channel", "provider", "destination", "class", "state", "reason")
NAMED = "(((channel || '/'::text) || address) || '/'::text) || category"
RARE = "kind IN ('complained', 'unsubscribed')"


def upgrade() -> None:
    _hours()
    _times()
    op.create_index(
        "suppressions_recent",
        "suppressions",
        [
            "created_at",
            sa.text(f"md5({NAMED})"),
        ],
    )
    op.create_index(
        "suppressions_address",
        "suppressions",
        ["address"],
        postgresql_ops={"address": "text_pattern_ops"},
    )
    op.create_index(
        "suppressions_ending",
        "suppressions",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("feedback_rare", "feedback", ["occurred_at"], postgresql_where=sa.text(RARE))


def _hours() -> None:
    op.create_table(
        "rollup_hours",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in DIMENSIONS),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "hour", *DIMENSIONS, name="rollup_hours_pkey"),
    )
    distribute("rollup_hours")
    op.create_index("rollup_hours_hour", "rollup_hours", ["hour"])
    names = ", ".join(DIMENSIONS)
    op.execute(
        f"""
        INSERT INTO rollup_hours (bucket, hour, {names}, entered, "left")
        SELECT bucket, date_trunc('hour', minute, 'UTC'), {names}, sum(entered), sum("left")
          FROM rollups WHERE batch = {FOLDED} GROUP BY bucket, 2, {names}
        """
    )


def _times() -> None:
    key = ("bucket", "batch", "slot", "channel", "provider", "destination", "kind", "bin")
    op.create_table(
        "reaction_times",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("slot", MOMENT, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bin", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name="reaction_times_pkey"),
    )
    distribute("reaction_times")
    op.create_index("reaction_times_slot", "reaction_times", ["slot"])
    op.create_index(
        "reaction_times_unfolded",
        "reaction_times",
        ["slot"],
        postgresql_where=sa.text("batch <> '00000000-0000-0000-0000-000000000000'"),
    )


def downgrade() -> None:
    for index in ("suppressions_recent", "suppressions_address", "suppressions_ending"):
        op.drop_index(index, "suppressions")
    op.drop_index("feedback_rare", "feedback")
    op.drop_table("reaction_times")
    op.drop_table("rollup_hours")
