"""How producers' own outboxes stand, as workers see it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import single

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "source_standings",
        sa.Column("source", sa.UUID(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("oldest", MOMENT, nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="source_standings_pkey"),
    )
    single("source_standings")


def downgrade() -> None:
    op.drop_table("source_standings")
