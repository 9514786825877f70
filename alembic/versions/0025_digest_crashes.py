"""How often closing a digest crashed, so that one that never closes is given up."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("crashes", sa.SmallInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("digests", column)


def downgrade() -> None:
    op.drop_column("digests", "crashes")
