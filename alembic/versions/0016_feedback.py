"""Feedback that waits to be folded, and what came back for now."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "feedback_waiting",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("vendor", sa.Text(), nullable=False),
        sa.Column("vendor_event_id", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "vendor", "vendor_event_id", name="feedback_waiting_pkey"
        ),
    )
    op.create_table(
        "soft_bounces",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "channel", "address", "delivery_id", name="soft_bounces_pkey"
        ),
    )
    for table in ("feedback_waiting", "soft_bounces"):
        distribute(table)
    op.create_index("feedback_waiting_due", "feedback_waiting", ["due_at"])


def downgrade() -> None:
    op.drop_table("soft_bounces")
    op.drop_table("feedback_waiting")
