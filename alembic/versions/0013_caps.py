"""Frequency caps: how far their counters know what was sent before them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import single

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "warmings",
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("begins_at", MOMENT, nullable=False),
        sa.Column("next_bucket", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("found", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("counter", name="warmings_pkey"),
    )
    single("warmings")


def downgrade() -> None:
    op.drop_table("warmings")
