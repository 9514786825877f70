"""What a reviewer of a template looks at, and whether the drafts still say that."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from dashboard.actions import RefusedError
from dashboard.changing.proposals import Proposed, proposal_of
from delivery.approving import covers
from delivery.errors import RenderingError
from delivery.rendering.saving import complete
from models.readings.publishing import Publishable
from models.records import Approval, ApprovalKind, Ask, TemplateVersion


def fits(approval: Approval) -> bool:
    """Whether what somebody asked to publish is what would be published now.

    It is not looked at by the checks: that is told from words, uses and partials alone.
    """
    try:
        wanted = proposal_of(approval.subject)
        return bool(wanted.there.drafts) and covers(approval, asked_of(wanted, whole(wanted)))
    except (RefusedError, RenderingError):  # it is gone, or what is written now cannot be sent
        return False


def whole(wanted: Proposed) -> tuple[TemplateVersion, ...]:
    """What would be kept: compiled, with the partials it uses as they were when it was seen.

    Raises:
        RenderingError: What is wrong with it, by line.
    """
    if wanted.is_piece:  # it is put in place where it is used
        return tuple(replace(text, partials=()) for text in wanted.texts.values())
    return tuple(complete(text, wanted.partials) for text in wanted.texts.values())


def asked_of(wanted: Proposed, texts: Sequence[TemplateVersion]) -> Ask:
    """What a reviewer of drafts looks at, with the topics of all that would change with them."""
    newest = max(wanted.there.drafts, key=lambda draft: draft.updated_at, default=None)
    topics = {topic.key: topic for each in (wanted.there, *wanted.users) for topic in each.topics}
    asked = ask_of(replace(wanted.there, topics=tuple(topics.values())), texts)
    return replace(
        asked,
        document={**asked.document, **used(wanted)},
        before=asked.before and {**asked.before, **used(wanted)},
        edited_by=newest.updated_by if newest else None,
    )


def ask_of(there: Publishable, texts: Sequence[TemplateVersion]) -> Ask:
    """What a reviewer looks at: bound to what is live, so that what they see is the difference."""
    return Ask(
        kind=ApprovalKind.TEMPLATE,
        subject=there.head.template,
        document=_document(there, texts),
        team=there.team,
        classes=there.classes,
        before=_document(there, there.live) if there.live else None,
    )


def used(wanted: Proposed) -> dict[str, Any]:
    """The templates that would change with a piece, by the versions that were looked at."""
    live = {user.head.template: user.head.live_version for user in wanted.users}
    return {"users": live} if live else {}


def _document(there: Publishable, texts: Sequence[TemplateVersion]) -> dict[str, Any]:
    return {
        "template": there.head.template,
        "title": there.head.title,
        "channel": there.head.channel,
        "locale": there.head.locale,
        "classes": sorted(there.classes),
        "base": there.head.live_version,
        "texts": {text.locale: asdict(text.words) for text in texts},
        "partials": {
            text.locale: {each.key: [each.version, each.locale] for each in text.partials}
            for text in texts
        },
    }
