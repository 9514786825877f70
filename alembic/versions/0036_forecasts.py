"""What a campaign's last pre-flight foretold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("forecast", postgresql.JSONB()))


def downgrade() -> None:
    op.drop_column("campaigns", "forecast")
