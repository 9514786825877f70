"""Files that mails may carry, and the topics whose mails do."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import single

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("file", name="files_pkey"),
    )
    single("files")
    op.create_index(
        "files_expiry",
        "files",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.add_column("topics", sa.Column("attachments", postgresql.ARRAY(sa.Text())))


def downgrade() -> None:
    op.drop_column("topics", "attachments")
    op.drop_table("files")
