"""Publishing a partial or layout: what uses it gets a new version in the same words."""

from collections.abc import Callable, Sequence
from datetime import datetime

from models.queries.configuring import drafts, templates
from models.query import Story
from models.records import NewVersion, TemplateHead, TemplateVersion

Remake = Callable[
    [Sequence[TemplateVersion], int, Sequence[TemplateVersion]], tuple[TemplateVersion, ...]
]
"""What a version becomes, as which number, with what the partials say now."""


def publish_partial(new: NewVersion, remake: Remake) -> Story[list[TemplateHead]]:
    """Keep a version of a partial and put it into everything that includes it.

    Args:
        new: The partial.
        remake: Makes the next version of one that uses it.

    Returns:
        What got a new version; nothing when the partial has a version of this number already.
    """
    kept = yield from templates.publish_version(new)
    if not kept:
        return []
    yield templates.set_live(new.head.template, new.version, new.at)
    partials = yield templates.live_partials()
    users: list[TemplateHead] = yield templates.used_by(new.head.template)
    for user in users:
        yield from renew(user, partials, remake, new.by, new.at)
    return users


def renew(
    user: TemplateHead,
    partials: Sequence[TemplateVersion],
    remake: Remake,
    by: str,
    at: datetime,
) -> Story[None]:
    """Put what partials say into a template's live words, where they say something else there.

    Drafts go on as if they had been begun from the new version: its words are the same.

    Args:
        user: The template; something of it is live.
        partials: What they say now, by key, the default locale of each first.
        remake: Makes its next version.
        by: Who does it.
        at: When.
    """
    live = user.live_version or 0
    texts: list[TemplateVersion] = yield templates.texts(user.template, live)
    number: int = yield templates.next_number(user.template)
    again = NewVersion(user, remake(texts, number, partials), by, at)
    if [text.partials for text in again.texts] == [text.partials for text in texts]:
        return
    yield from templates.publish_version(again)
    yield templates.set_live(user.template, number, at)
    yield drafts.rebase_drafts(user.template, live, number, at)
