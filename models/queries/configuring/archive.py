"""Templates, partials and layouts that nothing uses any more: put away, and brought back."""

from datetime import datetime

from models.queries.configuring import catalog, templates
from models.queries.configuring.partials import Remake, renew
from models.query import Query, Story, count, sql
from models.records import TemplateHead, TemplateKind


class ArchiveError(ValueError):
    """It cannot be put away or brought back; the message says why and what to do."""


def archive(template: str, at: datetime) -> Story[bool]:
    """Put a template, partial or layout away, with its versions and drafts.

    Topics are locked: none begins to use it meanwhile.

    Returns:
        Whether it was there; done twice, nothing changes.

    Raises:
        ArchiveError: There is none, or something uses it.
    """
    yield catalog.lock_topics()
    head = yield from _head(template)
    if head.archived:
        return False
    users: list[str] = yield users_of(template)
    if users:
        raise ArchiveError(
            f"{template} is in use by {', '.join(users)}: let them use another first."
        )
    yield _set(template, at)
    return True


def restore(template: str, remake: Remake, by: str, at: datetime) -> Story[bool]:
    """Bring one back, with what the partials it includes say now.

    Returns:
        Whether it was archived.

    Raises:
        ArchiveError: There is none.
        RenderingError: It cannot be put together any more; `remake` says why.
    """
    head = yield from _head(template)
    if not head.archived:
        return False
    yield _set(template, None)
    if head.kind is TemplateKind.TEMPLATE and head.live_version is not None:
        yield from renew(head, (yield templates.live_partials()), remake, by, at)
    return True


def users_of(template: str) -> Query[list[str]]:
    """What says something with a template or includes it, as people read it: `topic order.paid`."""
    return sql(
        """
        SELECT 'topic ' || topic AS said FROM topic_steps WHERE template = :template
         UNION
        SELECT 'campaign ' || c.campaign FROM campaigns c
         WHERE c.state NOT IN ('finished', 'cancelled')
           AND (jsonb_path_exists(c.document, '$.*[*].templates.* ? (@ == $wanted)',
                                  jsonb_build_object('wanted', CAST(:template AS text)))
                OR EXISTS (SELECT FROM campaign_runs r
                            WHERE r.campaign = c.campaign AND r.ended_at IS NULL
                              AND r.versions ? CAST(:template AS text)))
         UNION
        SELECT 'template ' || u.template FROM template_uses u JOIN templates t
            ON t.template = u.template AND t.live_version = u.version
         WHERE u.partial = :template AND t.archived_at IS NULL
         ORDER BY said
        """,
        lambda result: [row.said for row in result],
        template=template,
    )


def _head(template: str) -> Story[TemplateHead]:
    found: dict[str, TemplateHead] = yield templates.locked(template)
    if template not in found:
        raise ArchiveError(f"There is no template {template}.")
    return found[template]


def _set(template: str, at: datetime | None) -> Query[int]:
    return sql(
        "UPDATE templates SET archived_at = :at WHERE template = :template",
        count,
        template=template,
        at=at,
    )
