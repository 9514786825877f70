"""Counts by account, sending domain and campaign; how those fare with receivers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import single

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
BEFORE = "held_for IN ('kill_switch', 'breaker', 'account', 'quiet_hours', 'frequency_cap')"
AFTER = (
    "held_for IN ('kill_switch', 'breaker', 'account', 'quiet_hours', 'frequency_cap',"
    " 'reputation')"
)
ADDED = ("account", "sender", "campaign")
OLD_KEY = (
    "bucket, batch, minute, topic, channel, provider, destination, class, state, reason"
)  # fmt: skip
OLD_BY = "minute, topic, channel, provider, destination, class, state, reason"
COUNTS = "sent", "delivered", "dead", "unclear", "policy", "complained", "audience", "told"


def upgrade() -> None:
    for name in ADDED:
        op.add_column(
            "rollups", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''"))
        )
    key(f"{OLD_KEY}, {', '.join(ADDED)}")
    op.execute(f"CREATE OR REPLACE VIEW v_rollups AS {view(OLD_BY, ', '.join(ADDED))}")
    held_index(AFTER)
    create_reputations()
    create_hours()
    for table in ("reputations", "reputation_hours"):
        single(table)


def downgrade() -> None:
    op.drop_table("reputation_hours")
    op.drop_table("reputations")
    op.execute("UPDATE queue SET held_for = NULL WHERE held_for = 'reputation'")
    held_index(BEFORE)
    op.execute("DROP VIEW v_rollups")
    fold_away()
    key(OLD_KEY)
    for name in ADDED:
        op.drop_column("rollups", name)
    op.execute(f"CREATE VIEW v_rollups AS {view(OLD_BY)}")


def key(columns: str) -> None:
    op.execute("ALTER TABLE rollups DROP CONSTRAINT rollups_pkey")
    op.execute(f"ALTER TABLE rollups ADD CONSTRAINT rollups_pkey PRIMARY KEY ({columns})")


def view(by: str, added: str = "") -> str:
    more = f", {added}" if added else ""
    return f"""
        SELECT {by}, CAST(sum(entered) AS bigint) AS entered,
               CAST(sum("left") AS bigint) AS "left"{more}
          FROM rollups GROUP BY {by}{more}
    """


def fold_away() -> None:
    """Let one row stand for those that differ in the dimensions that go."""
    op.execute(f"""
        CREATE TEMPORARY TABLE folded ON COMMIT DROP AS
        SELECT {OLD_KEY}, CAST(sum(entered) AS bigint) AS entered,
               CAST(sum("left") AS bigint) AS "left"
          FROM rollups GROUP BY {OLD_KEY}
    """)
    op.execute("DELETE FROM rollups")
    op.execute(f"""
        INSERT INTO rollups ({OLD_KEY}, entered, "left")
        SELECT {OLD_KEY}, entered, "left" FROM folded
    """)


def held_index(reasons: str) -> None:
    op.drop_index("queue_held", "queue")
    op.create_index("queue_held", "queue", ["held_for", "lane"], postgresql_where=sa.text(reasons))


def create_reputations() -> None:
    op.create_table(
        "reputations",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("trips", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("forgiven_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("set_by", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("rates", postgresql.JSONB(), nullable=True),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.PrimaryKeyConstraint("scope", name="reputations_pkey"),
    )


def create_hours() -> None:
    op.create_table(
        "reputation_hours",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("hour", MOMENT, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("scope", "hour", name="reputation_hours_pkey"),
    )
    op.create_index("reputation_hours_hour", "reputation_hours", ["hour"])
