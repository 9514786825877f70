"""Templates, partials and layouts that nothing uses: put away where no list offers them, and back.

What is archived keeps its versions, its drafts and its key.
"""

from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from delivery.errors import RenderingError
from delivery.rendering.saving import remade
from models.queries.configuring import archive as store
from models.queries.configuring.archive import ArchiveError
from models.queries.console.teams import Owned, owner_of


def archive(by: UUID, template: str) -> None:
    """Put a template away that nothing uses. Done twice, nothing changes.

    Raises:
        NotAllowedError: The one who acts may not publish it.
        RefusedError: Something uses it; it says what.
    """
    with acting(by, Permission.PUBLISH_TEMPLATES, owner_of(Owned.TEMPLATE, template)) as act:
        try:
            changed = act.tx.follow(store.archive(template, act.now))
        except ArchiveError as error:
            raise RefusedError(str(error)) from None
        if changed:
            act.note("archived a template", template)


def restore(by: UUID, template: str) -> None:
    """Bring an archived template back, with what its partials say now.

    Raises:
        NotAllowedError: The one who acts may not publish it.
        RefusedError: There is none, or it cannot be put together any more.
    """
    with acting(by, Permission.PUBLISH_TEMPLATES, owner_of(Owned.TEMPLATE, template)) as act:
        try:
            changed = act.tx.follow(store.restore(template, remade, act.by.email, act.now))
        except (ArchiveError, RenderingError) as error:
            raise RefusedError(f"It cannot be brought back: {error}") from None
        if changed:
            act.note("brought a template back", template)
