"""Steps that wait for the one before them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHECKS = {
    "unless_is_seen_or_read": "unless IN ('seen', 'read')",
    "on_unsent_is_wait_go_or_stop": "on_unsent IN ('wait', 'go', 'stop')",
    "after_is_0_to_400_days": "after BETWEEN interval '0' AND interval '400 days'",
}


def upgrade() -> None:
    op.add_column("topic_steps", sa.Column("after", sa.Interval(), nullable=True))
    op.add_column("topic_steps", sa.Column("unless", sa.Text(), nullable=True))
    op.add_column(
        "topic_steps", sa.Column("on_unsent", sa.Text(), nullable=False, server_default="wait")
    )
    for name, condition in CHECKS.items():
        op.create_check_constraint(name, "topic_steps", condition)
    op.add_column("queue", sa.Column("follower", postgresql.UUID(as_uuid=True), nullable=True))


def downgrade() -> None:
    op.drop_column("queue", "follower")
    for name in CHECKS:
        op.drop_constraint(name, "topic_steps")
    for column in ("on_unsent", "unless", "after"):
        op.drop_column("topic_steps", column)
