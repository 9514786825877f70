"""Runs apart: what waits of one is found, and the audiences it was launched for are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "campaign_runs",
        sa.Column("audiences", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
    )
    op.add_column("campaigns", sa.Column("launched_for", sa.BigInteger()))
    queue_index("campaign", "cohort")


def downgrade() -> None:
    queue_index("campaign")
    op.drop_column("campaigns", "launched_for")
    op.drop_column("campaign_runs", "audiences")


def queue_index(*columns: str) -> None:
    op.drop_index("queue_campaign", "queue")
    op.create_index(
        "queue_campaign", "queue", list(columns),
        postgresql_where=sa.text("campaign IS NOT NULL"),
    )  # fmt: skip
