"""How many sign-ins were tried, by method and outcome."""

import sqlalchemy as sa
from alembic import op

from models.schema import single

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_counts",
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("method", "outcome", name="sign_in_counts_pkey"),
    )
    single("sign_in_counts")


def downgrade() -> None:
    op.drop_table("sign_in_counts")
