"""The mail transactions of one session, without any I/O: answers in, bytes out.

    IDLE ─start→ MAIL → RCPT → DATA ─354→ CONTENT ─finish→ END ─→ MAIL of the next, or IDLE
                   └─────┴──────┴─ refused → RESET ─────────────→ MAIL of the next, or IDLE

With PIPELINING (RFC 2920) MAIL, RCPT and DATA leave in one write, together with the final
dot or the RSET before them: one round trip a message. Without it every command waits for
its answer. `finish` is the point of no return: before it a message can be stopped or moved,
after it only the server's answer tells what became of it (RFC 1047).
"""

import re
from collections.abc import Callable

from delivery.errors import (
    ContentRefused,
    InDoubtError,
    LeaseLostError,
    UnavailableError,
)
from delivery.messages import Receipt
from delivery.providers.smtp.extensions import Extensions
from delivery.providers.smtp.letters import fitted, mail_line, rcpt_line
from delivery.providers.smtp.losses import Loss, garbled
from delivery.providers.smtp.replies import Answer, refusal, reply_of
from delivery.providers.smtp.stages import Stage
from delivery.providers.smtp.transfers import Supply, Transfer

_CLOSING = 421
_GO_AHEAD = 354
_POSITIVE = 2
_NEGATIVE = (4, 5)

_QUEUE_ID = re.compile(r"\b(?:queued as|id=)\s?([\w.-]{1,64})", re.IGNORECASE)


class Conversation:
    """One session after EHLO. Ends in `Stage.CLOSED`, and the connection with it."""

    def __init__(self, extensions: Extensions, supply: Supply, quota: int) -> None:
        self.stage = Stage.IDLE
        self._extensions = extensions
        self._supply = supply
        self._quota = quota
        self._current: Transfer | None = None
        self._ahead: Transfer | None = None  # its envelope is written, behind the current dot
        self._refused = False  # the current message has its outcome already
        self._addressed = False  # the server took the current recipient
        self._reused = False

    @property
    def spent(self) -> bool:
        """No further message may go over this connection."""
        return self._quota == 0

    @property
    def answer_within(self) -> float:
        """Seconds to wait for the answer to the final dot just written."""
        return self._current.answer_within if self._current else 0.0

    def start(self) -> bytes:
        """Begin with the next message that waits; nothing when none does."""
        self._current = self._take()
        self.stage = Stage.MAIL if self._current else Stage.IDLE
        self._reused = self._reused or self._current is None
        return self._opening(self._current)

    def receive(self, answer: Answer) -> bytes:
        """What to say to this answer. In stage CONTENT it is to be followed by `finish()`."""
        if answer.code == _CLOSING:
            return self._dismissed(answer)
        step = _STEPS.get(self.stage)
        return step(self, answer) if step else self._lost(garbled())

    def finish(self) -> bytes:
        """The final dot, or nothing and CLOSED if the message is no longer ours to send."""
        transfer = self._current
        if transfer is None or not (self._refused or self._may_go(transfer)):
            return self._stopped()
        self.stage = Stage.END
        self._ahead = self._take() if self._extensions.pipelining else None
        return b".\r\n" + self._opening(self._ahead)

    def retire(self) -> None:
        """Begin nothing more; the current message goes its way."""
        self._quota = 0
        if self._ahead:  # its dot is not sent: seen as given up when its turn comes
            self._ahead.fail(LeaseLostError("the worker stops"))

    def lose(self, loss: Loss) -> None:
        """The session is over: settle what can be known, hand back what was not sent."""
        stage, self.stage = self.stage, Stage.CLOSED
        current, ahead = self._current, self._ahead
        self._current = self._ahead = None
        if ahead:
            self._supply.give_back(ahead)
        if current and not self._refused:
            self._settle_lost(current, stage, loss)

    def _settle_lost(self, transfer: Transfer, stage: Stage, loss: Loss) -> None:
        if stage is Stage.END and loss.doubt:
            transfer.fail(InDoubtError(f"{loss.error} after the final dot", loss.doubt))
        elif stage is not Stage.END and loss.excusable and self._reused and not transfer.moved:
            transfer.moved = True
            self._supply.give_back(transfer)
        else:
            transfer.fail(loss.error)

    def _lost(self, loss: Loss) -> bytes:
        self.lose(loss)
        return b""

    def _dismissed(self, answer: Answer) -> bytes:
        """421 may answer any command and ends the session (RFC 5321, section 3.8)."""
        error = refusal(answer, self.stage)
        return self._lost(Loss(error, None, excusable=type(error) is UnavailableError))

    def _stopped(self) -> bytes:
        error = LeaseLostError("the lease ended before the final dot")
        return self._lost(Loss(error, None))

    @staticmethod
    def _may_go(transfer: Transfer) -> bool:
        # Done without an answer of ours: the sending call was cancelled.
        return not transfer.outcome.done() and transfer.lease.holds()

    def _take(self) -> Transfer | None:
        while self._quota and (transfer := self._supply.take()):
            try:
                transfer.letter = fitted(transfer.letter, self._extensions)
            except ContentRefused as error:
                transfer.fail(error)
            else:
                self._quota -= 1
                return transfer
        return None

    def _opening(self, transfer: Transfer | None) -> bytes:
        if transfer is None:
            return b""
        mail = mail_line(transfer.letter, self._extensions)
        if not self._extensions.pipelining:
            return mail
        return b"%b%bDATA\r\n" % (mail, rcpt_line(transfer.letter))

    def _next(self) -> bytes:
        self._refused = self._addressed = False
        self._reused = True
        self._current, self._ahead = self._ahead, None
        if self._current is None:
            return self.start()
        self.stage = Stage.MAIL
        return b""

    def _refuse(self, answer: Answer) -> None:
        if self._current and not self._refused:
            self._current.fail(refusal(answer, self.stage))
        self._refused = True

    def _reset(self) -> bytes:
        """Leave a transaction the server may still hold open (RFC 5321, section 4.1.1.5)."""
        self.stage = Stage.RESET
        self._current = None
        self._ahead = self._take() if self._extensions.pipelining else None
        return b"RSET\r\n" + self._opening(self._ahead)

    def _after_mail(self, answer: Answer) -> bytes:
        if not self._heeded(answer):
            return b""
        if self._extensions.pipelining:
            self.stage = Stage.RCPT
            return b""
        return self._step(Stage.RCPT)

    def _after_rcpt(self, answer: Answer) -> bytes:
        if not self._heeded(answer):
            return b""
        self._addressed = answer.code // 100 == _POSITIVE
        if self._extensions.pipelining:
            self.stage = Stage.DATA
            return b""
        return self._step(Stage.DATA)

    def _heeded(self, answer: Answer) -> bool:
        """Whether an envelope command got an answer that means yes or no."""
        kind = answer.code // 100
        if kind in _NEGATIVE:
            self._refuse(answer)
        elif kind != _POSITIVE:
            self.lose(garbled())
        return self.stage is not Stage.CLOSED

    def _step(self, stage: Stage) -> bytes:
        """Without PIPELINING: the next command, or out of a transaction that was refused."""
        if self._refused or self._current is None:
            return self._reset()
        self.stage = stage
        return rcpt_line(self._current.letter) if stage is Stage.RCPT else b"DATA\r\n"

    def _after_data(self, answer: Answer) -> bytes:
        if answer.code == _GO_AHEAD:
            return self._content()
        if answer.code // 100 not in _NEGATIVE:
            return self._lost(garbled())
        self._refuse(answer)
        return self._reset()

    def _content(self) -> bytes:
        self.stage = Stage.CONTENT
        if not self._refused and self._current:
            return self._current.letter.content
        # RFC 2920 3.1: DATA was taken though there is nobody to send to: an empty message
        # ends it. With a recipient it would arrive.
        return self._lost(garbled()) if self._addressed else b""

    def _interrupted(self, answer: Answer) -> bytes:
        """A server that refuses before it saw the dot: the dot must not follow."""
        if answer.code // 100 in _NEGATIVE:
            self._refuse(answer)
        return self._lost(garbled())

    def _after_dot(self, answer: Answer) -> bytes:
        kind = answer.code // 100
        if kind == _POSITIVE and self._current and not self._refused:
            self._current.accept(_receipt(answer))
        elif kind in _NEGATIVE:
            self._refuse(answer)
        elif kind != _POSITIVE:
            return self._lost(garbled())
        return self._next()

    def _after_reset(self, answer: Answer) -> bytes:
        return self._next() if answer.code // 100 == _POSITIVE else self._lost(garbled())


def _receipt(answer: Answer) -> Receipt:
    reply = reply_of(answer)
    named = _QUEUE_ID.search(reply.text)
    return Receipt(reply, named[1] if named else None)


_STEPS: dict[Stage, Callable[[Conversation, Answer], bytes]] = {
    Stage.MAIL: Conversation._after_mail,  # noqa: SLF001 - the table of this very class
    Stage.RCPT: Conversation._after_rcpt,  # noqa: SLF001
    Stage.DATA: Conversation._after_data,  # noqa: SLF001
    Stage.CONTENT: Conversation._interrupted,  # noqa: SLF001
    Stage.END: Conversation._after_dot,  # noqa: SLF001
    Stage.RESET: Conversation._after_reset,  # noqa: SLF001
}
