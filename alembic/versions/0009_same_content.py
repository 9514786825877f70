"""The same content within a window is one message: its hash, and what was said to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("same_content", sa.Interval(), nullable=True))
    op.add_column("queue", sa.Column("content", sa.LargeBinary(), nullable=True))
    empty = sa.text("''::bytea")
    said = sa.Column("said", sa.LargeBinary(), server_default=empty, nullable=False)
    op.add_column("ledger", said)
    # Ledgers are written with each message now: room on their pages keeps that cheap.
    op.execute("ALTER TABLE ledger SET (fillfactor = 80)")


def downgrade() -> None:
    op.execute("ALTER TABLE ledger RESET (fillfactor)")
    op.drop_column("ledger", "said")
    op.drop_column("queue", "content")
    op.drop_column("topics", "same_content")
