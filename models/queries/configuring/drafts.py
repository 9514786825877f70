"""Drafts of templates: what is written and not published; nobody overwrites another unseen."""

from datetime import datetime

from models.query import Answer, Query, Story, count, sql
from models.records import TemplateDraft, Words

_COLUMNS = """
    template, locale, subject, source, preheader, text, url, revision, base_version, updated_at,
    updated_by
"""


class StaleError(ValueError):
    """Somebody else saved meanwhile: what they wrote would be overwritten unseen.

    Attributes:
        theirs: The draft as it is now.
    """

    def __init__(self, theirs: TemplateDraft) -> None:
        super().__init__(
            f"{theirs.updated_by} saved this draft meanwhile: look at both before you save again"
        )
        self.theirs = theirs


def _drafts(result: Answer) -> list[TemplateDraft]:
    return [
        TemplateDraft(
            row.template,
            row.locale,
            Words(row.subject, row.source, row.preheader, row.text, row.url),
            row.revision,
            row.base_version,
            row.updated_at,
            row.updated_by,
        )
        for row in result
    ]


def drafts(template: str) -> Query[list[TemplateDraft]]:
    """The drafts of a template, one a locale."""
    return sql(
        f"SELECT {_COLUMNS} FROM template_drafts WHERE template = :template ORDER BY locale",
        _drafts,
        template=template,
    )


def draft(template: str, locale: str) -> Query[list[TemplateDraft]]:
    """The draft of a template in one locale; none when there is none."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM template_drafts WHERE template = :template AND locale = :locale
        """,
        _drafts,
        template=template,
        locale=locale,
    )


def save_draft(wanted: TemplateDraft) -> Story[TemplateDraft]:
    """Save a draft over the revision it was made from. The same words again change nothing.

    Args:
        wanted: Its revision is the one that was read before changing it; 0: there was none.

    Returns:
        The draft as it is kept.

    Raises:
        StaleError: It is not at that revision any more.
    """
    kept: list[TemplateDraft] = yield _save(wanted)
    if kept:
        return kept[0]
    there: list[TemplateDraft] = yield draft(wanted.template, wanted.locale)
    if there[0].words != wanted.words:
        raise StaleError(there[0])
    return there[0]


def _save(wanted: TemplateDraft) -> Query[list[TemplateDraft]]:
    words = wanted.words
    return sql(
        f"""
        INSERT INTO template_drafts ({_COLUMNS})
        VALUES (:template, :locale, :subject, :source, :preheader, :text, :url, :revision + 1,
                :base_version, :now, :by)
        ON CONFLICT (template, locale) DO UPDATE
           SET subject = excluded.subject, source = excluded.source,
               preheader = excluded.preheader, text = excluded.text, url = excluded.url,
               revision = excluded.revision, base_version = excluded.base_version,
               updated_at = excluded.updated_at, updated_by = excluded.updated_by
         WHERE template_drafts.revision = excluded.revision - 1
        RETURNING {_COLUMNS}
        """,
        _drafts,
        template=wanted.template,
        locale=wanted.locale,
        subject=words.subject,
        source=words.source,
        preheader=words.preheader,
        text=words.text,
        url=words.url,
        revision=wanted.revision,
        base_version=wanted.base_version,
        now=wanted.updated_at,
        by=wanted.updated_by,
    )


def discard_draft(template: str, locale: str, revision: int) -> Query[int]:
    """Throw a draft away, or take it out once it is published: as it was read, or not at all."""
    return sql(
        """
        DELETE FROM template_drafts
         WHERE template = :template AND locale = :locale AND revision = :revision
        """,
        count,
        template=template,
        locale=locale,
        revision=revision,
    )


def rebase_drafts(template: str, before: int, after: int, now: datetime) -> Query[int]:
    """Let drafts begun from one version count as begun from the next, which says the same words.

    So it is when a partial that a template includes was published anew.
    """
    return sql(
        """
        UPDATE template_drafts SET base_version = :after, updated_at = :now
         WHERE template = :template AND base_version = :before
        """,
        count,
        template=template,
        before=before,
        after=after,
        now=now,
    )
