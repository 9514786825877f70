"""Since when a template, partial or layout is archived: nothing uses it, and nothing offers it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = postgresql.TIMESTAMP(timezone=True)
    op.add_column("templates", sa.Column("archived_at", moment, nullable=True))


def downgrade() -> None:
    op.drop_column("templates", "archived_at")
