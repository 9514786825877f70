"""Where answers go, and what mails carry besides their words."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("reply_to", sa.Text()))
    for table in ("events", "queue"):
        op.add_column(table, sa.Column("extras", postgresql.JSONB()))


def downgrade() -> None:
    for table in ("queue", "events"):
        op.drop_column(table, "extras")
    op.drop_column("topics", "reply_to")
