"""Who is signed in where, passwords, and failed sign-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import single

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
TABLES = ("sessions", "passwords", "sign_in_tries")


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("session", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("session", name="sessions_pkey"),
    )
    op.create_table(
        "passwords",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person", name="passwords_pkey"),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("who", name="sign_in_tries_pkey"),
    )
    for table in TABLES:
        single(table)
    op.create_index("sessions_person", "sessions", ["person"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
