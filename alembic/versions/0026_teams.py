"""Teams, the roles of their members, and whose topics and templates are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import reference

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OWNED = ("topics", "templates")


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team", name="teams_pkey"),
    )
    reference("teams")
    op.create_table(
        "memberships",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("person", "team", name="memberships_pkey"),
        sa.ForeignKeyConstraint(["person"], ["people.person"], name="memberships_person_fkey"),
        sa.ForeignKeyConstraint(["team"], ["teams.team"], name="memberships_team_fkey"),
    )
    reference("memberships")
    for table in OWNED:
        op.add_column(table, sa.Column("team", sa.Text()))
        op.create_foreign_key(f"{table}_team_fkey", table, "teams", ["team"], ["team"])


def downgrade() -> None:
    for table in OWNED:
        op.drop_column(table, "team")
    op.drop_table("memberships")
    op.drop_table("teams")
