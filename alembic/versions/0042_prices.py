"""What a thousand messages over an account cost."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("provider_accounts", sa.Column("price", sa.Numeric(12, 4), nullable=True))


def downgrade() -> None:
    op.drop_column("provider_accounts", "price")
