"""Attempts nobody knows the end of: counted on the queue row, found in the history."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    doubts = sa.Column("doubts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("queue", doubts)
    op.create_index(
        "attempts_in_doubt",
        "attempts",
        ["ended_at"],
        postgresql_where=sa.text("outcome = 'in_doubt'"),
    )


def downgrade() -> None:
    op.drop_index("attempts_in_doubt", "attempts")
    op.drop_column("queue", "doubts")
