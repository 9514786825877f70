"""What every tick takes for granted is refused where it is written, by a CHECK that says it.

A wrong row that is there already does not stop the release: its table's CHECK is NOT VALID, so
that only what is written from now on is looked at, and `tidings doctor` names the row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CLASS = "class IN ('critical', 'transactional', 'promotional')"
CHANNEL = "channel ~ '^[a-z][a-z0-9_]{0,62}$'"
CHECKS = {
    "topics": {
        "class_is_critical_transactional_or_promotional": CLASS,
        "on_doubt_is_resend_or_hold": "on_doubt IN ('resend', 'hold')",
        # It stands in unsubscribe links, behind a length of one octet.
        "category_has_1_to_255_octets": "octet_length(category) BETWEEN 1 AND 255",
    },
    "topic_steps": {"channel_is_a_key": CHANNEL},
    "templates": {"channel_is_a_key": CHANNEL},
    "provider_accounts": {"channel_is_a_key": CHANNEL},
    "queue": {
        "class_is_critical_transactional_or_promotional": CLASS,
        "state_is_scheduled_or_sending": "state IN ('scheduled', 'sending')",
    },
}


def upgrade() -> None:
    for table, checks in CHECKS.items():
        for name, condition in checks.items():
            wrong = f"SELECT EXISTS (SELECT FROM {table} WHERE NOT ({condition}))"
            how = " NOT VALID" if op.get_bind().scalar(sa.text(wrong)) else ""
            op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}){how}")


def downgrade() -> None:
    for table, checks in CHECKS.items():
        for name in checks:
            op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
