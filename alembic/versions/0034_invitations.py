"""When somebody first came in; until then they are invited."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("joined_at", postgresql.TIMESTAMP(timezone=True)))
    op.execute("UPDATE people SET joined_at = created_at")


def downgrade() -> None:
    op.drop_column("people", "joined_at")
