"""What waits for a second pair of eyes, what was said of it, and what needs it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import reference

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
JSON = postgresql.JSONB(none_as_null=True)


def upgrade() -> None:
    create_approvals()
    create_remarks()
    op.create_table(
        "approval_thresholds",
        sa.Column("version", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="approval_thresholds_pkey"),
    )
    reference("approval_thresholds")


def downgrade() -> None:
    for table in ("approval_thresholds", "approval_remarks", "approvals"):
        op.drop_table(table)


def create_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("approval", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("before", JSON, nullable=True),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("needed", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.UUID(), nullable=False),
        sa.Column("edited_by", sa.Text(), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("approval", name="approvals_pkey"),
    )
    reference("approvals")
    person("approvals", "requested_by")
    live = sa.text("state IN ('waiting', 'approved')")
    op.create_index(
        "approvals_live", "approvals", ["kind", "subject"], unique=True, postgresql_where=live
    )
    op.create_index("approvals_requested_at", "approvals", ["requested_at"])


def create_remarks() -> None:
    table = "approval_remarks"
    op.create_table(
        table,
        sa.Column("remark", sa.UUID(), nullable=False),
        sa.Column("approval", sa.UUID(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person", sa.UUID(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("remark", name="approval_remarks_pkey"),
    )
    reference(table)
    person(table, "person")
    op.create_foreign_key(
        "approval_remarks_approval_fkey", table, "approvals", ["approval"], ["approval"]
    )
    op.create_index("approval_remarks_approval", table, ["approval", "at"])
    op.create_index(
        "approval_remarks_decided", table, ["approval", "person"], unique=True,
        postgresql_where=sa.text("decision IS NOT NULL"),
    )  # fmt: skip


def person(table: str, column: str) -> None:
    op.create_foreign_key(f"{table}_{column}_fkey", table, "people", [column], ["person"])
