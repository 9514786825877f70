"""Categories, organisations' defaults, snoozes; suppressions with a scope; who changed what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import distribute, reference

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
BIG = ("preference_changes", "suppression_changes")
REFERENCE = ("categories", "org_preferences")


def upgrade() -> None:
    op.add_column("preferences", sa.Column("until", MOMENT, nullable=True))
    _make_reference_tables()
    _make_histories()
    for table in REFERENCE:
        reference(table)
    for table in BIG:
        distribute(table)
    _widen_suppressions()


def _make_reference_tables() -> None:
    op.create_table(
        "categories",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("defaults", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("category", name="categories_pkey"),
    )
    op.create_table(
        "org_preferences",
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("org", "category", "channel", name="org_preferences_pkey"),
    )


def _make_histories() -> None:
    op.create_table(
        "preference_changes",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient_id", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=True),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "recipient_id", "at", "category", "channel", name="preference_changes_pkey"
        ),
    )
    op.create_table(
        "suppression_changes",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint(
            "bucket", "channel", "address", "category", "at", "change",
            name="suppression_changes_pkey",
        ),
    )  # fmt: skip


def _widen_suppressions() -> None:
    category = sa.Column("category", sa.Text(), server_default=sa.text("'*'"), nullable=False)
    op.add_column("suppressions", category)
    _key("suppressions", "bucket", "channel", "address", "category")
    op.add_column("addresses", sa.Column("suppressed", postgresql.JSONB(), nullable=True))
    op.execute("""
        UPDATE addresses SET suppressed = jsonb_build_object(channel || '/*',
            jsonb_build_object('reason', suppressed_for, 'until',
                CASE WHEN isfinite(suppressed_until) THEN
                    to_char(suppressed_until AT TIME ZONE 'UTC',
                            'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') END))
         WHERE suppressed_for IS NOT NULL""")
    op.execute("""
        INSERT INTO suppression_changes
            (bucket, channel, address, category, at, change, reason, source, expires_at)
        SELECT bucket, channel, address, '*', created_at, 'suppressed', reason, source, expires_at
          FROM suppressions""")
    op.drop_column("addresses", "suppressed_for")
    op.drop_column("addresses", "suppressed_until")


def _key(table: str, *columns: str) -> None:
    op.drop_constraint(f"{table}_pkey", table)
    op.create_primary_key(f"{table}_pkey", table, list(columns))


def downgrade() -> None:
    op.execute("DELETE FROM suppressions WHERE category <> '*' OR channel = '*'")
    _key("suppressions", "bucket", "channel", "address")
    op.drop_column("suppressions", "category")
    op.add_column("addresses", sa.Column("suppressed_for", sa.Text(), nullable=True))
    op.add_column("addresses", sa.Column("suppressed_until", MOMENT, nullable=True))
    op.execute("""
        UPDATE addresses
           SET suppressed_for = suppressed -> (channel || '/*') ->> 'reason',
               suppressed_until =
                   CAST(suppressed -> (channel || '/*') ->> 'until' AS timestamptz)
         WHERE suppressed IS NOT NULL""")
    op.drop_column("addresses", "suppressed")
    for table in (*BIG, *REFERENCE):
        op.drop_table(table)
    op.execute("DELETE FROM preferences WHERE until IS NOT NULL")
    op.drop_column("preferences", "until")
