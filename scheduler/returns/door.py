"""The door for mail that comes back: only genuine addresses of ours are let in."""

from dataclasses import dataclass

import structlog

from delivery.bounces.reading import LONGEST_MAIL
from delivery.returns.addresses import genuine, read
from delivery.returns.meaning import Returned
from models.database import DataError, UnavailableError
from scheduler.returns.desk import Desk, Way
from scheduler.smtp.house import Letter, Limits

LIMITS = Limits(
    kept=LONGEST_MAIL,
    recipients=100,
    commands=10_000,
    mistakes=20,
    sessions=200,
    sessions_each=20,
)
"""RFC 5321, sections 4.5.3.1.8 and 4.5.3.2: 100 recipients, five minutes for a command."""

_REFUSED = b"550 5.1.1 No such address here\r\n"
_TAKEN = b"250 2.0.0 Ok: kept\r\n"
_LATER = b"451 4.3.0 Cannot keep it just now: send it again\r\n"

log = structlog.get_logger()


@dataclass(frozen=True, eq=False)
class Door:
    """What a session asks; see `scheduler.smtp.house.House`."""

    desk: Desk
    way: Way
    limits: Limits = LIMITS

    @property
    def name(self) -> str:
        """The domain to which mail comes back."""
        return self.desk.place.domain

    @property
    def speaks_lmtp(self) -> bool:
        """Whether it is the door for LMTP."""
        return self.way is Way.LMTP

    def refusal(self, recipient: str) -> bytes | None:
        """Refuse whatever is not signed by us: no relaying, and nothing to send back."""
        place = self.desk.place
        if read(recipient, place.domain, place.keys) is not None:
            return None
        self.desk.measures.refused.labels(self.way).inc()
        return _REFUSED

    async def keep(self, letter: Letter) -> bytes:
        """Take a mail; while it cannot be kept its sender keeps it."""
        place = self.desk.place
        to = genuine(letter.recipients, place.domain, place.keys)
        try:
            await self.desk.take(Returned(not letter.sender, to, letter.raw), self.way)
        except UnavailableError:
            return _LATER
        except DataError as error:
            log.warning("mail.unstorable", error=str(error))
            return _LATER
        except Exception:  # a bug of ours shall cost its sender nothing but time
            log.exception("mail.crashed")
            return _LATER
        return _TAKEN
