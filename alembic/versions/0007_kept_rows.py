"""How long a source keeps the rows that were planned."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sources", sa.Column("keep_for", sa.Interval(), nullable=True))


def downgrade() -> None:
    op.drop_column("sources", "keep_for")
