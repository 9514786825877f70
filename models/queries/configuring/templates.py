"""Templates: their versions in every locale, what they include, and what is live."""

from datetime import datetime

from models.query import Answer, Query, Story, count, sql
from models.records import (
    Live,
    NewVersion,
    Partial,
    TemplateHead,
    TemplateKind,
    TemplateVersion,
)

_HEAD = "template, title, channel, kind, locale, live_version, archived_at"
_TEXT = """
    x.template, x.version, t.channel, x.subject, x.source, x.preheader, x.text, x.url, x.compiled,
    x.locale,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(p.template, p.version, p.locale, p.source)
                               ORDER BY p.template), '[]')
       FROM template_uses u JOIN template_texts p
         ON p.template = u.partial AND p.version = u.partial_version
        AND p.locale = u.partial_locale
      WHERE u.template = x.template AND u.version = x.version AND u.locale = x.locale)
"""
_TEXTS = """
    template_texts x JOIN template_versions v USING (template, version)
    JOIN templates t USING (template)
"""


def _versions(result: Answer) -> list[TemplateVersion]:
    return [
        TemplateVersion(*[*row[:-1], tuple(Partial(*each) for each in row[-1])]) for row in result
    ]


def _heads(result: Answer) -> dict[str, TemplateHead]:
    return {
        row.template: TemplateHead(
            row.template,
            row.title,
            row.channel,
            TemplateKind(row.kind),
            row.locale,
            row.live_version,
            row.archived_at is not None,
        )
        for row in result
    }


def heads() -> Query[dict[str, TemplateHead]]:
    """Every template, partial and layout by its key."""
    return sql(f"SELECT {_HEAD} FROM templates ORDER BY template", _heads)


def locked(template: str) -> Query[dict[str, TemplateHead]]:
    """One of them, kept from everybody else's changes until the end; none when there is none."""
    return sql(
        f"SELECT {_HEAD} FROM templates WHERE template = :template FOR UPDATE",
        _heads,
        template=template,
    )


def live() -> Query[dict[str, Live]]:
    """Template key to the version that is sent now; archived ones are left out."""
    return sql(
        """
        SELECT t.template, v.version, v.locale, array_agg(x.locale) AS locales
          FROM templates t
          JOIN template_versions v ON v.template = t.template AND v.version = t.live_version
          JOIN template_texts x ON x.template = v.template AND x.version = v.version
         WHERE t.kind = 'template' AND t.archived_at IS NULL
         GROUP BY t.template, v.version, v.locale
        """,
        lambda result: {
            row.template: Live(row.version, row.locale, frozenset(row.locales)) for row in result
        },
    )


def channels() -> Query[dict[str, str]]:
    """Template to the channel it is written for; archived ones are left out."""
    return sql(
        "SELECT template, channel FROM templates WHERE kind = 'template' AND archived_at IS NULL",
        lambda result: {row.template: row.channel for row in result},
    )


def texts(template: str, number: int) -> Query[list[TemplateVersion]]:
    """One version of a template, that of its default locale first; none when there is none."""
    return sql(
        f"""
        SELECT {_TEXT} FROM {_TEXTS} WHERE x.template = :template AND x.version = :number
         ORDER BY x.locale <> v.locale, x.locale
        """,
        _versions,
        template=template,
        number=number,
    )


def versions_of(template: str) -> Query[list[TemplateVersion]]:
    """All versions of a template in their default locales, newest first."""
    return sql(
        f"""
        SELECT {_TEXT} FROM {_TEXTS} WHERE x.template = :template AND x.locale = v.locale
         ORDER BY x.version DESC
        """,
        _versions,
        template=template,
    )


def live_partials() -> Query[list[TemplateVersion]]:
    """What every partial and layout says now, in all locales, the default one of each first.

    Archived ones are left out: nothing may include them.
    """
    return sql(
        f"""
        SELECT {_TEXT} FROM {_TEXTS} WHERE t.kind <> 'template' AND x.version = t.live_version
           AND t.archived_at IS NULL
         ORDER BY x.template, x.locale <> v.locale, x.locale
        """,
        _versions,
    )


def used_by(partial: str) -> Query[list[TemplateHead]]:
    """Whose live versions include a partial or layout, directly or not, in any locale.

    Archived ones are left out: they get what it says then when they are brought back.
    """
    return sql(
        f"""
        SELECT {_HEAD} FROM templates t
         WHERE EXISTS (SELECT FROM template_uses u
                        WHERE u.partial = :partial AND u.template = t.template
                          AND u.version = t.live_version)
           AND t.archived_at IS NULL
         ORDER BY template
        """,
        lambda result: list(_heads(result).values()),
        partial=partial,
    )


def next_number(template: str) -> Query[int]:
    """The number of the version that comes next."""
    return sql(
        """
        SELECT coalesce(max(version), 0) + 1 FROM template_versions WHERE template = :template
        """,
        lambda result: int(result.scalar_one()),
        template=template,
    )


def save_version(saved: TemplateVersion, title: str, by: str, now: datetime) -> Story[bool]:
    """Keep a version of one locale and make it the live one; the same twice is kept once.

    Returns:
        Whether it is new.
    """
    head = TemplateHead(saved.template, title, saved.channel, locale=saved.locale)
    kept = yield from publish_version(NewVersion(head, (saved,), by, now))
    yield set_live(saved.template, saved.version, now)
    return kept


def publish_version(new: NewVersion) -> Story[bool]:
    """Keep a version with its words in every locale. It is not live before `set_live`.

    Returns:
        Whether it was kept: not when a version of this number is there already.
    """
    yield save_head(new.head, new.at)
    if not (yield _number(new)):
        return False
    for text in new.texts:
        yield _words(text)
        for partial in text.partials:
            yield _use(text, partial)
    return True


def save_head(head: TemplateHead, now: datetime) -> Query[int]:
    """Make a template, or change its title and its default locale; what is live stays."""
    return sql(
        """
        INSERT INTO templates (template, title, channel, kind, locale, created_at, updated_at)
        VALUES (:template, :title, :channel, :kind, :locale, :now, :now)
        ON CONFLICT (template) DO UPDATE
           SET title = excluded.title, locale = excluded.locale, updated_at = excluded.updated_at
        """,
        count,
        template=head.template,
        title=head.title,
        channel=head.channel,
        kind=head.kind,
        locale=head.locale,
        now=now,
    )


def _number(new: NewVersion) -> Query[int]:
    return sql(
        """
        INSERT INTO template_versions (template, version, locale, created_at, created_by)
        VALUES (:template, :version, :locale, :now, :by) ON CONFLICT (template, version) DO NOTHING
        """,
        count,
        template=new.head.template,
        version=new.version,
        locale=new.head.locale,
        now=new.at,
        by=new.by,
    )


def _words(text: TemplateVersion) -> Query[int]:
    return sql(
        """
        INSERT INTO template_texts (template, version, locale, subject, source, preheader, text,
                                    url, compiled)
        VALUES (:template, :version, :locale, :subject, :source, :preheader, :text, :url,
                :compiled)
        """,
        count,
        template=text.template,
        version=text.version,
        locale=text.locale,
        subject=text.subject,
        source=text.source,
        preheader=text.preheader,
        text=text.text,
        url=text.url,
        compiled=text.compiled,
    )


def _use(text: TemplateVersion, partial: Partial) -> Query[int]:
    return sql(
        """
        INSERT INTO template_uses (template, version, locale, partial, partial_version,
                                   partial_locale)
        VALUES (:template, :version, :locale, :partial, :partial_version, :partial_locale)
        """,
        count,
        template=text.template,
        version=text.version,
        locale=text.locale,
        partial=partial.key,
        partial_version=partial.version,
        partial_locale=partial.locale,
    )


def set_live(template: str, version: int, now: datetime) -> Query[int]:
    """Send a version from now on: a newer one, or an older one again."""
    return sql(
        """
        UPDATE templates SET live_version = :version, updated_at = :now
         WHERE template = :template AND live_version IS DISTINCT FROM :version
        """,
        count,
        template=template,
        version=version,
        now=now,
    )
