"""Which templates tell of several news at once: what is over a cap may be collected for those."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NAMES_SEVERAL = r"(\{\{|\{%)[^}]*?(^|[^.[:alnum:]_])(items|actors|count|others)($|[^[:alnum:]_])"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE template_versions ADD COLUMN tells_many boolean GENERATED ALWAYS AS"
        f" ((subject || ' ' || source || ' ' || coalesce(text, '')) ~ '{NAMES_SEVERAL}') STORED"
    )


def downgrade() -> None:
    op.drop_column("template_versions", "tells_many")
