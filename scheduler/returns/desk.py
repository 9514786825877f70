"""Where each mail that came back is taken: read, and kept in one transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from delivery.returns.addresses import OptOut, category_like
from delivery.returns.meaning import VENDOR, Meaning, Place, Returned, meaning, unmatched
from models.database import Database, DatabaseError, Transaction, UnavailableError
from models.queries.console import returned
from models.queries.console.consents import known_categories
from models.queries.folding import feedback
from models.queries.people.preferences import choose
from models.records import Author, Choice, Feedback, Via
from scheduler.returns.measures import Measures
from scheduler.ticking.outage import Outage

_MOST = 50
"""Events about one delivery: whoever holds one of our mails could send any number."""

log = structlog.get_logger()


class Way(StrEnum):
    """How a mail came in."""

    SMTP = "smtp"
    LMTP = "lmtp"
    MAILDIR = "maildir"
    IMAP = "imap"


@dataclass(frozen=True, eq=False)
class Desk:
    """What every way in needs.

    Attributes:
        place: Whose addresses are genuine.
        channels: Keys of those a wish may be about.
        outage: Who waits for the database.
    """

    database: Database
    place: Place
    channels: Collection[str]
    measures: Measures = field(default_factory=Measures)
    outage: Outage = field(default_factory=Outage)

    async def take(self, mail: Returned, way: Way) -> None:
        """Keep what a mail means; committed when this returns, and twice is once.

        Raises:
            DatabaseError: It is not kept. Whoever has it should offer it again.
        """
        try:
            said, new = await self._take(mail)
        except DatabaseError as error:
            self.measures.mails.labels(way, "put off").inc()
            if isinstance(error, UnavailableError):
                self.outage.hit(way, error)
            raise
        self.outage.over(way)
        self.measures.mails.labels(way, "taken" if new else "known").inc()
        kinds = sorted({str(one.kind) for one in said.feedback})
        log.info("mail.taken", way=str(way), mail=said.event_id[:16], kinds=kinds, new=new)

    async def _take(self, mail: Returned) -> tuple[Meaning, int]:
        """What a mail means, and how much of it is new."""
        now = await self.database.tell_time()
        said = meaning(mail, self.place, now)
        async with self.database.begin() as tx:
            return said, await self._keep(tx, said)

    async def _keep(self, tx: Transaction, said: Meaning) -> int:
        events, changed = await self._within_bounds(tx, said.feedback), 0
        for wish in said.wishes:
            recipients = await tx.run(returned.recipients_like(wish.bucket, wish.recipient))
            choices = await self._choices(tx, wish, recipients)
            if not choices:
                events.append(unmatched(said, said.raw if recipients else None))
            changed += await self._choose(tx, choices, said)
        return changed + (await tx.run(feedback.take(events, said.at)) if events else 0)

    async def _within_bounds(self, tx: Transaction, events: Sequence[Feedback]) -> list[Feedback]:
        """Without more about a delivery than any honest server has to say."""
        deliveries = {one.delivery_id for one in events if one.delivery_id is not None}
        full = {one for one in deliveries if await tx.run(returned.heard_of(one, VENDOR)) >= _MOST}
        if full:
            log.warning("mail.surplus", deliveries=sorted(map(str, full)))
        return [one for one in events if one.delivery_id not in full]

    async def _choices(
        self, tx: Transaction, wish: OptOut, recipients: Sequence[str]
    ) -> list[Choice]:
        """What is wanted no more; nothing where the category is gone."""
        about = category_like(wish, await tx.run(known_categories()), self.channels)
        return [Choice(one, *about, allowed=False) for one in recipients] if about else []

    async def _choose(self, tx: Transaction, choices: Sequence[Choice], said: Meaning) -> int:
        """Keep a wish, but not again what its recipient has taken back since."""
        author = Author(f"{VENDOR} {said.event_id[:16]}", Via.MAIL)
        changed = 0
        for choice in choices:
            if not await tx.run(returned.was_heard(choice.recipient_id, author.name)):
                changed += await tx.follow(choose([choice], author, said.at))
        return changed
