"""A message that is ready for the wire."""

from dataclasses import dataclass

from delivery.gate import Decision
from delivery.messages import Message
from delivery.reputation.scopes import Mail
from delivery.roads.destinations import destination_of
from models.records import Account, DueRow
from scheduler.sending.filling import Filled


@dataclass(frozen=True, slots=True)
class Letter:
    """A row ready for the wire, and the account that is to carry it."""

    decision: Decision
    filled: Filled
    message: Message
    message_id: str
    account: Account
    full: tuple[str, ...] = ()
    """Accounts that are not asked again: their limits left no room for it."""

    @property
    def row(self) -> DueRow:
        """The row as it was claimed."""
        return self.decision.row

    @property
    def mail(self) -> Mail:
        """What says in which scopes of reputation it is; none but mail is in any."""
        if self.row.channel != "email":
            return Mail()
        to = destination_of(self.message.recipient)
        return Mail("", to, self.row.topic, self.row.campaign or "", self.account.key)
