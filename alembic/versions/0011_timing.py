"""When deliveries were wanted, when recipients want quiet, and how late a topic may be."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BEFORE = "held_for IN ('kill_switch', 'breaker', 'account')"
AFTER = "held_for IN ('kill_switch', 'breaker', 'account', 'quiet_hours', 'frequency_cap')"
ON_LATE = "on_late_is_send_or_skip"


def upgrade() -> None:
    op.add_column("queue", sa.Column("wanted_at", postgresql.TIMESTAMP(timezone=True)))
    # What waits for a moment its producer named must not be called late when it comes.
    op.execute("UPDATE queue SET wanted_at = due_at WHERE held_for = 'not_before'")
    op.add_column("recipients", sa.Column("quiet_hours", postgresql.JSONB(), nullable=True))
    op.add_column("topics", sa.Column("max_lateness", sa.Interval(), nullable=True))
    op.add_column("topics", sa.Column("on_late", sa.Text(), nullable=True))
    op.execute(f"ALTER TABLE topics ADD CONSTRAINT {ON_LATE} CHECK (on_late IN ('send', 'skip'))")
    # Buckets whose held rows were looked at again; rules from before need no second look.
    op.add_column(
        "rulebooks", sa.Column("woken", sa.BigInteger(), server_default="0", nullable=False)
    )
    held_index(AFTER)


def downgrade() -> None:
    held_index(BEFORE)
    op.drop_column("rulebooks", "woken")
    op.execute(f"ALTER TABLE topics DROP CONSTRAINT {ON_LATE}")
    op.drop_column("topics", "on_late")
    op.drop_column("topics", "max_lateness")
    op.drop_column("recipients", "quiet_hours")
    op.drop_column("queue", "wanted_at")


def held_index(reasons: str) -> None:
    op.drop_index("queue_held", "queue")
    op.create_index("queue_held", "queue", ["held_for", "lane"], postgresql_where=sa.text(reasons))
