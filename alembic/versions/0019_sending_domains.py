"""Sending domains, the keys that sign in their names, and their checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import reference, single

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sending_domains",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("retired_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("domain", name="sending_domains_pkey"),
    )
    op.create_table(
        "signing_keys",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("algorithm", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("signs_since", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("domain", "selector", name="signing_keys_pkey"),
    )
    op.create_table(
        "domain_checks",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("checked_at", MOMENT, nullable=True),
        sa.Column("verdicts", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name="domain_checks_pkey"),
    )
    reference("sending_domains")
    reference("signing_keys")
    single("domain_checks")


def downgrade() -> None:
    op.drop_table("domain_checks")
    op.drop_table("signing_keys")
    op.drop_table("sending_domains")
