"""What the mails of topics put into calendars."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("calendar", postgresql.JSONB()))


def downgrade() -> None:
    op.drop_column("topics", "calendar")
