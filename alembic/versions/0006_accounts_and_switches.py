"""How provider accounts fare, and what switches hold back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import reference, single

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
REFERENCE = ("account_limits", "warm_ups")
SINGLE = ("breakers", "paces", "warm_up_days")


def upgrade() -> None:
    op.add_column("queue", sa.Column("campaign", sa.Text(), nullable=True))
    op.create_index(
        "queue_held",
        "queue",
        ["held_for", "lane"],
        postgresql_where=sa.text("held_for IN ('kill_switch', 'breaker', 'account')"),
    )
    op.create_table(
        "account_limits",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "destination", name="account_limits_pkey"),
    )
    op.create_table(
        "breakers",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("openings", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("last_error_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("account", name="breakers_pkey"),
    )
    op.create_table(
        "paces",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("per_minute", sa.BigInteger(), nullable=True),
        sa.Column("slowed_at", MOMENT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account", "destination", name="paces_pkey"),
    )
    op.create_table(
        "warm_ups",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name="warm_ups_pkey"),
    )
    op.create_table(
        "warm_up_days",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "day", name="warm_up_days_pkey"),
    )
    for table in REFERENCE:
        reference(table)
    for table in SINGLE:
        single(table)


def downgrade() -> None:
    for table in (*SINGLE, *REFERENCE):
        op.drop_table(table)
    op.drop_index("queue_held", "queue")
    op.drop_column("queue", "campaign")
