"""Conversions: told by products, kept with the message they count for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "conversions_waiting",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("source", sa.Uuid(), nullable=True),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at", MOMENT, server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="conversions_waiting_pkey"),
    )
    op.create_index(
        "conversions_waiting_since",
        "conversions_waiting",
        ["created_at"],
        postgresql_where=sa.text("problem IS NULL"),
    )
    op.create_table(
        "conversions",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("conversion_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("bucket", "conversion_id", name="conversions_pkey"),
    )
    distribute("conversions")
    op.create_index("conversions_delivery", "conversions", ["bucket", "delivery_id"])
    op.create_index(
        "conversions_recipient", "conversions", ["bucket", "recipient_id", "occurred_at"]
    )


def downgrade() -> None:
    op.drop_table("conversions")
    op.drop_table("conversions_waiting")
