"""What messages say: templates, their versions and drafts. Reference tables on Citus."""

from datetime import datetime

from sqlalchemy import Computed, ForeignKey, ForeignKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class Template(Base):
    """A template, a partial or a layout; what it says is in its versions."""

    __tablename__ = "templates"
    template: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    channel: Mapped[str]
    live_version: Mapped[int | None]
    created_at: Mapped[datetime]
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.team"))
    """Who owns it; null: the installation."""
    updated_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(server_default=text("'template'"))
    locale: Mapped[str] = mapped_column(server_default=text("'und'"))
    """The default of its next version; `und`: nobody said what language it is in."""
    archived_at: Mapped[datetime | None]
    """Since when nothing uses it and nothing offers it; null: it is in the lists."""


class TemplateVersion(Base):
    """One saved version of a template. Never changes."""

    __tablename__ = "template_versions"
    template: Mapped[str] = mapped_column(ForeignKey("templates.template"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    locale: Mapped[str] = mapped_column(server_default=text("'und'"))
    """Its default: what serves whoever has none of its other locales."""


NAMES_SEVERAL = r"(\{\{|\{%)[^}]*?(^|[^.[:alnum:]_])(items|actors|count|others)($|[^[:alnum:]_])"
"""A template that asks for all news of a digest, between Jinja's marks (POSIX)."""
_SAID = "subject || ' ' || source || ' ' || coalesce(text, '') || ' ' || coalesce(compiled, '')"


class TemplateText(Base):
    """What a version says in one locale. Never changes."""

    __tablename__ = "template_texts"
    template: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    locale: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    source: Mapped[str]
    preheader: Mapped[str | None]
    text: Mapped[str | None]
    url: Mapped[str | None]
    compiled: Mapped[str | None]
    tells_many: Mapped[bool] = mapped_column(Computed(f"({_SAID} ~ '{NAMES_SEVERAL}')"))
    """Whether it tells of several news at once."""
    __table_args__ = (
        ForeignKeyConstraint(
            ["template", "version"], ["template_versions.template", "template_versions.version"]
        ),
    )


class TemplateUse(Base):
    """A partial that a version includes in one locale, directly or not. Never changes."""

    __tablename__ = "template_uses"
    template: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    locale: Mapped[str] = mapped_column(primary_key=True)
    partial: Mapped[str] = mapped_column(primary_key=True)
    partial_version: Mapped[int]
    partial_locale: Mapped[str]
    __table_args__ = (
        ForeignKeyConstraint(
            ["template", "version", "locale"],
            ["template_texts.template", "template_texts.version", "template_texts.locale"],
        ),
        ForeignKeyConstraint(
            ["partial", "partial_version", "partial_locale"],
            ["template_texts.template", "template_texts.version", "template_texts.locale"],
        ),
    )


class TemplateDraft(Base):
    """What is written of a template in one locale and not published."""

    __tablename__ = "template_drafts"
    template: Mapped[str] = mapped_column(ForeignKey("templates.template"), primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    """Counts its saves: who saves names the one they began with."""
    subject: Mapped[str]
    source: Mapped[str]
    preheader: Mapped[str | None]
    text: Mapped[str | None]
    url: Mapped[str | None]
    base_version: Mapped[int | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class Persona(Base):
    """Somebody made up, and what they are told, to look at templates with."""

    __tablename__ = "personas"
    template: Mapped[str] = mapped_column(primary_key=True)
    """Empty: offered for every template."""
    title: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[Json]
    data: Mapped[Json]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]
