"""A topic's own limit, and the value each delivery is counted under."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAME = "throttle_has_limit_and_seconds"
SOUND = """
    throttle IS NULL OR (
        jsonb_typeof(throttle) = 'object'
        AND coalesce(throttle ->> 'limit', '') ~ '^[1-9][0-9]{0,2}$'
        AND coalesce(throttle ->> 'seconds', '') ~ '^[1-9][0-9]{0,6}$'
        AND coalesce(throttle ->> 'over', 'skip') IN ('skip', 'hold')
        AND coalesce(jsonb_typeof(throttle -> 'key'), 'null') IN ('null', 'string'))
"""


def upgrade() -> None:
    op.add_column("topics", sa.Column("throttle", postgresql.JSONB(), nullable=True))
    op.execute(f"ALTER TABLE topics ADD CONSTRAINT {NAME} CHECK ({SOUND})")
    op.add_column("queue", sa.Column("throttled", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("queue", "throttled")
    op.execute(f"ALTER TABLE topics DROP CONSTRAINT {NAME}")
    op.drop_column("topics", "throttle")
