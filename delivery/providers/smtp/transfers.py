"""One message on its way, from the call that sends it to the one answer that call gets."""

from asyncio import Future
from dataclasses import dataclass
from typing import Protocol

from delivery.messages import Receipt
from delivery.ports import Lease
from delivery.providers.smtp.letters import Letter


@dataclass(slots=True, eq=False)
class Transfer:
    """A letter, and the cell its outcome is written into, once.

    Attributes:
        letter: What to transmit.
        lease: Asked right before the final dot.
        answer_within: Seconds to wait for the answer to the final dot.
        outcome: What the sending call waits for; done early when that call was cancelled.
        moved: It was once handed back by a connection that was lost on reuse.
    """

    letter: Letter
    lease: Lease
    answer_within: float
    outcome: Future[Receipt]
    moved: bool = False

    def accept(self, receipt: Receipt) -> None:
        """The server took it."""
        if not self.outcome.done():
            self.outcome.set_result(receipt)

    def fail(self, error: BaseException) -> None:
        """It did not go, or nobody can know."""
        if not self.outcome.done():
            self.outcome.set_exception(error)


class Supply(Protocol):
    """Where a conversation gets its messages."""

    def take(self) -> Transfer | None:
        """The next message that waits, if any."""

    def give_back(self, transfer: Transfer) -> None:
        """Its dot was not sent and will not be: another connection may have it."""
