"""Templates and where they are used, as people read them."""

from models.query import Query, records, sql
from models.readings.templates import TemplateLine, VersionLine


def template_lines() -> Query[list[TemplateLine]]:
    """All templates, partials and layouts with what uses them; the archived ones too."""
    return sql(
        """
        SELECT t.template, t.title, t.channel, t.live_version,
               (SELECT count(*) FROM template_versions v WHERE v.template = t.template),
               ARRAY(SELECT DISTINCT s.topic FROM topic_steps s
                      WHERE s.template = t.template ORDER BY 1),
               t.updated_at, t.locale, t.team,
               (SELECT max(d.updated_at) FROM template_drafts d WHERE d.template = t.template),
               t.kind,
               ARRAY(SELECT DISTINCT u.template
                       FROM template_uses u JOIN templates w
                         ON w.template = u.template AND w.live_version = u.version
                      WHERE u.partial = t.template AND w.archived_at IS NULL ORDER BY 1),
               t.archived_at
          FROM templates t ORDER BY t.title, t.template
        """,
        records(TemplateLine),
    )


def version_lines(template: str) -> Query[list[VersionLine]]:
    """When the versions of a template were saved and by whom, newest first."""
    return sql(
        """
        SELECT version, created_at, created_by FROM template_versions
         WHERE template = :template ORDER BY version DESC
        """,
        records(VersionLine),
        template=template,
    )
