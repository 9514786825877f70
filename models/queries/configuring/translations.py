"""What the report of missing translations is made of."""

from models.queries.routing import EVERYWHERE, routed
from models.query import Query, records, sql
from models.records import Wording


def wordings(template: str | None = None) -> Query[list[Wording]]:
    """The marks of all words up to the live versions, by template, locale and version.

    Args:
        template: Only of this one; `None`: of all.
    """
    return sql(
        """
        SELECT x.template, x.locale, x.version,
               md5(CAST(jsonb_build_array(x.subject, x.source, x.preheader, x.text, x.url) AS text))
          FROM template_texts x JOIN templates t USING (template)
         WHERE t.kind = 'template' AND x.version <= t.live_version
           AND (CAST(:template AS text) IS NULL OR x.template = :template)
         ORDER BY x.template, x.locale, x.version
        """,
        records(Wording),
        template=template,
    )


def readers() -> Query[dict[str, int]]:
    """Locale to how many recipients have it; reads every recipient."""
    return routed(
        """
        SELECT locale, count(*) AS people FROM recipients
         WHERE bucket = ANY(:slice) AND locale IS NOT NULL GROUP BY locale
        """,
        EVERYWHERE,
        lambda result: {row.locale: row.people for row in result},
    )
