"""Find the counts of suppressions among all others."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "rollup_hours_suppressions",
        "rollup_hours",
        ["hour"],
        postgresql_where=sa.text("state IN ('suppressed', 'lifted')"),
    )


def downgrade() -> None:
    op.drop_index("rollup_hours_suppressions", "rollup_hours")
