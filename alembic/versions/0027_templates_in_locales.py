"""What a template says in each locale, of which partials, and drafts of it.

The words move out of `template_versions` as they are, under the locale `und`: nobody said what
language they are in. `template_versions` keeps who made a version and when.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from models.schema import reference

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
NAMES_SEVERAL = r"(\{\{|\{%)[^}]*?(^|[^.[:alnum:]_])(items|actors|count|others)($|[^[:alnum:]_])"
SAID = "(subject || ' ' || source || ' ' || coalesce(text, ''))"
SAID_HERE = "subject || ' ' || source || ' ' || coalesce(text, '') || ' ' || coalesce(compiled, '')"
WORDS = "subject, source, preheader, text, url, compiled"
TEXT_KEY = ["template", "version", "locale"]


def text_keys(*names: str) -> list[sa.Column]:
    template, version, locale = names
    return [
        sa.Column(template, sa.Text(), nullable=False),
        sa.Column(version, sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(locale, sa.Text(), nullable=False),
    ]


def words() -> list[sa.Column]:
    return [
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("preheader", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("url", sa.Text()),
    ]


def upgrade() -> None:
    make_tables()
    for table in ("template_texts", "template_uses", "template_drafts"):
        reference(table)
    refer()
    und, kind = sa.text("'und'"), sa.text("'template'")
    op.add_column("templates", sa.Column("kind", sa.Text(), nullable=False, server_default=kind))
    op.create_check_constraint(
        "kind_is_template_partial_or_layout",
        "templates",
        "kind IN ('template', 'partial', 'layout')",
    )
    for table in ("templates", "template_versions"):
        op.add_column(table, sa.Column("locale", sa.Text(), nullable=False, server_default=und))
    op.execute(
        f"INSERT INTO template_texts (template, version, locale, {WORDS})"
        f" SELECT template, version, 'und', {WORDS} FROM template_versions"
    )
    for column in ("tells_many", *WORDS.split(", ")):
        op.drop_column("template_versions", column)


def make_tables() -> None:
    op.create_table(
        "template_texts",
        *text_keys(*TEXT_KEY),
        *words(),
        sa.Column("compiled", sa.Text()),
        sa.Column(
            "tells_many",
            sa.Boolean(),
            sa.Computed(f"({SAID_HERE} ~ '{NAMES_SEVERAL}')", persisted=True),
        ),
        sa.PrimaryKeyConstraint(*TEXT_KEY, name="template_texts_pkey"),
    )
    op.create_table(
        "template_uses",
        *text_keys(*TEXT_KEY),
        *text_keys("partial", "partial_version", "partial_locale"),
        sa.PrimaryKeyConstraint(*TEXT_KEY, "partial", name="template_uses_pkey"),
    )
    op.create_table(
        "template_drafts",
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        *words(),
        sa.Column("base_version", sa.BigInteger()),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("template", "locale", name="template_drafts_pkey"),
    )


def refer() -> None:
    versions, texts = TEXT_KEY[:2], TEXT_KEY
    partial = ["partial", "partial_version", "partial_locale"]
    for name, table, columns, to, those in (
        ("template_texts_template_fkey", "template_texts", versions, "template_versions", versions),
        ("template_uses_template_fkey", "template_uses", texts, "template_texts", texts),
        ("template_uses_partial_fkey", "template_uses", partial, "template_texts", texts),
        ("template_drafts_template_fkey", "template_drafts", texts[:1], "templates", texts[:1]),
    ):
        op.create_foreign_key(name, table, to, columns, those)


def downgrade() -> None:
    op.drop_table("template_drafts")
    op.drop_table("template_uses")
    for column in (*words(), sa.Column("compiled", sa.Text())):
        column.nullable = True
        op.add_column("template_versions", column)
    op.execute(
        f"UPDATE template_versions v SET ({WORDS}) = ROW ({qualified(WORDS)})"
        " FROM template_texts x"
        " WHERE x.template = v.template AND x.version = v.version AND x.locale = v.locale"
    )
    op.drop_table("template_texts")
    op.execute(
        "DELETE FROM template_versions v USING templates t"
        " WHERE t.template = v.template AND t.kind <> 'template'"
    )
    op.execute("DELETE FROM templates WHERE kind <> 'template'")
    for column in ("subject", "source"):
        op.alter_column("template_versions", column, nullable=False)
    op.execute(
        "ALTER TABLE template_versions ADD COLUMN tells_many boolean GENERATED ALWAYS AS"
        f" ({SAID} ~ '{NAMES_SEVERAL}') STORED"
    )
    op.drop_column("template_versions", "locale")
    op.drop_column("templates", "locale")
    op.drop_constraint("kind_is_template_partial_or_layout", "templates")
    op.drop_column("templates", "kind")


def qualified(columns: str) -> str:
    return ", ".join(f"x.{column}" for column in columns.split(", "))
