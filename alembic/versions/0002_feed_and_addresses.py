"""What the feed forgot, and the way from an address to its recipients."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    purged = sa.Column("purged", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("ledger", purged)
    op.create_index(
        "inbox_archived",
        "inbox",
        ["archived_at"],
        postgresql_where=sa.text("archived_at IS NOT NULL"),
    )
    op.create_index("addresses_address", "addresses", ["address"])


def downgrade() -> None:
    op.drop_index("addresses_address", "addresses")
    op.drop_index("inbox_archived", "inbox")
    op.drop_column("ledger", "purged")
