"""Keeping what a recipient chose, whichever way it came in over HTTP."""

from collections.abc import Sequence

import structlog

from delivery.api.edge import Edge
from delivery.consent.choices import Known
from models.queries.console import consents
from models.queries.people import preferences
from models.records import EVERY, Author, Choice

log = structlog.get_logger()


async def known(edge: Edge) -> Known:
    """What may be chosen about at this moment."""
    return Known(await edge.database.run(consents.known_categories()), edge.accepts)


async def keep(edge: Edge, choices: Sequence[Choice], author: Author) -> int:
    """Keep the choices of one recipient; how many changed something. Twice is once.

    When it returns they count: whoever decides after that decides by them.

    Raises:
        UnavailableError: The database is away; the same again finishes what was begun.
    """
    if not choices:
        return 0
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        changed = await tx.follow(preferences.wish(choices, author, now, edge.pseudonyms))
    if any(choice.category == EVERY for choice in choices):
        # Only after the commit: whoever decided before it has held by then what it held.
        await edge.database.run(preferences.wake_snoozed(choices[0].recipient_id, now))
    edge.measures.choices.labels(author.via).inc(changed)
    log.info("choices.kept", via=author.via, changed=changed)
    return changed
