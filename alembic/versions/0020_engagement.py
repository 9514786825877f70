"""Opens, clicks and conversions: what is noticed of a topic, and how often links were followed."""

import sqlalchemy as sa
from alembic import op

from models.schema import distribute

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("track_opens", sa.Boolean()))
    op.add_column("topics", sa.Column("track_clicks", sa.Boolean()))
    op.add_column("topics", sa.Column("attribution", sa.Interval()))
    op.create_table(
        "link_counts",
        sa.Column("bucket", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("link", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("deliveries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "template", "version", "link", "by", name="link_counts_pkey"
        ),
    )
    distribute("link_counts")


def downgrade() -> None:
    op.drop_table("link_counts")
    op.drop_column("topics", "attribution")
    op.drop_column("topics", "track_clicks")
    op.drop_column("topics", "track_opens")
