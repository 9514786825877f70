"""Campaigns: runs, frozen members, and how far each has come; counts by run, step and variant."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute, single

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
HELD = (
    "held_for IN ('kill_switch', 'breaker', 'account', 'quiet_hours', 'frequency_cap',"
    " 'reputation'{more})"
)
ROLLUPS_KEY = (
    "bucket, batch, minute, topic, channel, provider, destination, class, state, reason,"
    " account, sender, campaign"
)


def upgrade() -> None:
    create_small()
    create_big()
    for table in ("campaigns", "campaign_runs", "campaign_stages"):
        single(table)
    for table in ("campaign_members", "campaign_addresses", "campaign_parts"):
        distribute(table)
    op.create_index(
        "campaign_parts_open", "campaign_parts", ["opens_at"],
        postgresql_where=sa.text("done_at IS NULL"),
    )  # fmt: skip
    for table in ("queue", "deliveries", "rollups"):
        op.add_column(table, cohort())
    op.add_column("queue", sa.Column("template", sa.Text(), nullable=True))
    op.add_column("queue", sa.Column("template_version", sa.BigInteger(), nullable=True))
    op.create_index(
        "queue_campaign", "queue", ["campaign"], postgresql_where=sa.text("campaign IS NOT NULL")
    )
    held_index(", 'paused'")
    rollups_key(f"{ROLLUPS_KEY}, cohort")
    op.create_index(
        "rollups_campaign", "rollups", ["campaign"], postgresql_where=sa.text("campaign <> ''")
    )


def downgrade() -> None:
    op.drop_index("rollups_campaign", "rollups")
    fold_away()
    rollups_key(ROLLUPS_KEY)
    op.execute("UPDATE queue SET held_for = NULL WHERE held_for = 'paused'")
    held_index("")
    op.drop_index("queue_campaign", "queue")
    op.drop_column("queue", "template_version")
    op.drop_column("queue", "template")
    for table in ("rollups", "deliveries", "queue"):
        op.drop_column(table, "cohort")
    for table in (
        "campaign_parts", "campaign_addresses", "campaign_members", "campaign_stages",
        "campaign_runs", "campaigns",
    ):  # fmt: skip
        op.drop_table(table)


def cohort() -> sa.Column[str]:
    return sa.Column("cohort", sa.Text(), nullable=False, server_default=sa.text("''"))


def bucket() -> sa.Column[int]:
    return sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False)


def stage() -> sa.Column[int]:
    return sa.Column("stage", sa.SmallInteger(), autoincrement=False, nullable=False)


def create_small() -> None:
    op.create_table(
        "campaigns",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'draft'")),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False, server_default=sa.text("1")),
        sa.Column("next_at", MOMENT, nullable=True),
        sa.Column("why", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name="campaigns_pkey"),
    )
    op.create_table(
        "campaign_runs",
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'freezing'")),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("versions", postgresql.JSONB(), nullable=False),
        sa.Column("launched_at", MOMENT, nullable=False),
        sa.Column("launched_by", sa.Text(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("shift", sa.Interval(), nullable=False, server_default=sa.text("'0'")),
        sa.Column("occasion", MOMENT, nullable=True),
        sa.Column("winner", sa.Text(), nullable=True),
        sa.Column("eligible", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("run", name="campaign_runs_pkey"),
        sa.UniqueConstraint("campaign", "number", name="campaign_runs_campaign_number_key"),
        sa.UniqueConstraint("campaign", "occasion", name="campaign_runs_campaign_occasion_key"),
    )
    op.create_index(
        "campaign_runs_open", "campaign_runs", ["campaign"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_table(
        "campaign_stages",
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        stage(),
        sa.Column("opens_at", MOMENT, nullable=True),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'waiting'")),
        sa.Column("members", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("run", "step", "stage", name="campaign_stages_pkey"),
    )


def create_big() -> None:
    op.create_table(
        "campaign_members",
        bucket(),
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("excluded", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "run", "recipient_id", name="campaign_members_pkey"),
    )
    op.create_table(
        "campaign_addresses",
        bucket(),
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "run", "address", name="campaign_addresses_pkey"),
    )
    op.create_table(
        "campaign_parts",
        bucket(),
        sa.Column("run", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        stage(),
        sa.Column("place", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("bucket", "run", "step", "stage", name="campaign_parts_pkey"),
    )


def held_index(more: str) -> None:
    op.drop_index("queue_held", "queue")
    op.create_index(
        "queue_held", "queue", ["held_for", "lane"],
        postgresql_where=sa.text(HELD.format(more=more)),
    )  # fmt: skip


def rollups_key(columns: str) -> None:
    op.execute("ALTER TABLE rollups DROP CONSTRAINT rollups_pkey")
    op.execute(f"ALTER TABLE rollups ADD CONSTRAINT rollups_pkey PRIMARY KEY ({columns})")


def fold_away() -> None:
    """Let one row stand for those that differ in their cohort alone."""
    op.execute(f"""
        CREATE TEMPORARY TABLE folded ON COMMIT DROP AS
        SELECT {ROLLUPS_KEY}, CAST(sum(entered) AS bigint) AS entered,
               CAST(sum("left") AS bigint) AS "left"
          FROM rollups GROUP BY {ROLLUPS_KEY}
    """)
    op.execute("DELETE FROM rollups")
    op.execute(f"""
        INSERT INTO rollups ({ROLLUPS_KEY}, entered, "left")
        SELECT {ROLLUPS_KEY}, entered, "left" FROM folded
    """)
