"""How a recipient stands with the caps just now."""

from datetime import datetime

from dashboard.reading.reports import Standings
from delivery.limits.caps import counter, standings
from delivery.rulebook import newest_sound
from models.queries.configuring import rulebooks, warmings
from models.queries.sending import ledgers
from models.query import Story
from models.readings.recipients import Card
from models.records import Facts, Ledger, Profile, Rulebook, StoredDocument

_LOOKED_AT = 10
"""Versions that are tried until one can be read: workers pass over the others too."""


def standings_of(recipient: str, card: Card | None, now: datetime) -> Story[Standings]:
    """The caps that count for somebody, in the order of the rulebook."""
    published: list[StoredDocument] = yield rulebooks.newest(_LOOKED_AT)
    book = newest_sound(published)[0] or Rulebook()
    if not book.caps:
        return ()
    warm = yield warmings.warm()
    profile = Profile(recipient)
    if card is not None:
        profile = Profile(
            recipient, timezone=card.timezone, org=card.org, quiet_hours=card.quiet_hours
        )
    held: dict[str, Ledger] = yield ledgers.read_ledgers([recipient])
    facts = Facts(profile, ledger=held.get(recipient, Ledger()))
    return tuple((one, counter(one.cap) not in warm) for one in standings(book, facts, now))
