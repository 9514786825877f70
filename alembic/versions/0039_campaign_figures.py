"""What deliveries are of a campaign, and how often it led to which link."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

LINK = 'bucket, template, version, link, "by"'


def upgrade() -> None:
    op.create_index(
        "deliveries_campaign", "deliveries", ["campaign", "created_at"],
        postgresql_where=sa.text("campaign IS NOT NULL"),
    )  # fmt: skip
    op.add_column(
        "link_counts", sa.Column("campaign", sa.Text(), nullable=False, server_default="")
    )
    link_key(f"{LINK}, campaign")


def downgrade() -> None:
    fold_away()
    link_key(LINK)
    op.drop_column("link_counts", "campaign")
    op.drop_index("deliveries_campaign", "deliveries")


def link_key(columns: str) -> None:
    op.execute("ALTER TABLE link_counts DROP CONSTRAINT link_counts_pkey")
    op.execute(f"ALTER TABLE link_counts ADD CONSTRAINT link_counts_pkey PRIMARY KEY ({columns})")


def fold_away() -> None:
    """Let one row stand for those that differ in their campaign alone."""
    op.execute(f"""
        CREATE TEMPORARY TABLE folded ON COMMIT DROP AS
        SELECT {LINK}, CAST(sum(times) AS bigint) AS times,
               CAST(sum(deliveries) AS bigint) AS deliveries
          FROM link_counts GROUP BY {LINK}
    """)
    op.execute("DELETE FROM link_counts")
    op.execute(f"""
        INSERT INTO link_counts ({LINK}, campaign, times, deliveries)
        SELECT {LINK}, '', times, deliveries FROM folded
    """)
