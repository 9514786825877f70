"""Audiences: saved and versioned sets of recipients, and lists of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute, reference

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "audiences",
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("counted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("audience", name="audiences_pkey"),
    )
    op.create_table(
        "audience_versions",
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(), nullable=False),
        sa.Column("list", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("audience", "version", name="audience_versions_pkey"),
    )
    op.create_table(
        "audience_members",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("list", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "audience", "list", "recipient_id", name="audience_members_pkey"
        ),
    )
    reference("audiences")
    reference("audience_versions")
    distribute("audience_members")
    op.create_index("audience_members_recipient", "audience_members", ["bucket", "recipient_id"])
    op.create_foreign_key(
        "audience_versions_audience_fkey",
        "audience_versions",
        "audiences",
        ["audience"],
        ["audience"],
    )


def downgrade() -> None:
    for table in ("audience_members", "audience_versions", "audiences"):
        op.drop_table(table)
