"""One connection: carries a conversation's bytes, keeps its deadlines."""

import asyncio
from asyncio import Protocol, Transport
from typing import Protocol as Interface

from delivery.providers.smtp.conversation import Conversation
from delivery.providers.smtp.handshake import Session
from delivery.providers.smtp.losses import Loss, dropped, garbled, silent
from delivery.providers.smtp.replies import ReplyReader, UnreadableReplyError
from delivery.providers.smtp.stages import Stage
from delivery.providers.smtp.timeouts import Timeouts
from delivery.providers.smtp.watchdog import Watchdog

BLOCK = 65536
"""Octets of a large message that are written at once."""


class Owner(Interface):
    """Who gave the connection its work."""

    def idle(self, connection: "Connection") -> None:
        """It waits for the next message."""

    def gone(self, connection: "Connection") -> None:
        """It is closed; everything it carried is settled or handed back."""


class Connection(Protocol):
    """A session between the handshake and the farewell."""

    def __init__(
        self, session: Session, conversation: Conversation, owner: Owner, timeouts: Timeouts
    ) -> None:
        self._transport: Transport = session.transport
        self._conversation = conversation
        self._owner = owner
        self._timeouts = timeouts
        self._reader = ReplyReader()
        self._content = memoryview(b"")  # of a large message, what has not been written yet
        self._full = False  # the transport wants us to wait
        self._leaving = False
        self._watchdog = Watchdog(asyncio.get_running_loop(), self._late)
        # A large message's dot must not wait behind its content in a buffer of ours, where
        # the lease could end: paused as soon as anything is buffered (0 confuses TLS).
        self._transport.set_write_buffer_limits(high=1, low=0)
        self._transport.set_protocol(self)

    @property
    def free(self) -> bool:
        """It can take up work now."""
        return self._conversation.stage is Stage.IDLE and not self._leaving

    def begin(self) -> None:
        """Take up work, if there is any."""
        self._transport.write(self._conversation.start())
        self._attend()

    def retire(self) -> None:
        """Leave, once the message on the wire has its answer."""
        if self.free:
            self._quit()
        else:
            self._conversation.retire()

    def abort(self) -> None:
        """Close now, whatever is on the way."""
        self._end(dropped())

    def data_received(self, data: bytes) -> None:
        """Answers, or parts of them."""
        if self._leaving:
            self._transport.close()
            return
        try:
            for answer in self._reader.feed(data):
                self._say(self._conversation.receive(answer))
        except UnreadableReplyError:
            self._end(garbled())
        else:
            self._attend()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, by whichever side."""
        del exc
        self._watchdog.stop()
        self._conversation.lose(dropped())
        self._owner.gone(self)

    def pause_writing(self) -> None:
        """The buffer is full: the server takes its time."""
        self._full = True

    def resume_writing(self) -> None:
        """The buffer is empty again."""
        self._full = False
        if self._conversation.stage is Stage.CONTENT:
            self._pour()
            self._attend()

    def _say(self, words: bytes) -> None:
        if self._conversation.stage is not Stage.CONTENT:
            self._write(words)
        elif len(words) < BLOCK:
            # One system call a message; the lease is asked in `finish`, before either part.
            ending = self._conversation.finish()
            if ending:
                self._transport.writelines((words, ending))
        else:
            self._content = memoryview(words)
            self._pour()

    def _write(self, words: bytes) -> None:
        if words:
            self._transport.write(words)

    def _pour(self) -> None:
        """Write a large message block by block, then its dot, as the server takes them."""
        while self._content and not self._full:
            block, self._content = self._content[:BLOCK], self._content[BLOCK:]
            self._transport.write(block)
        if not self._full:
            self._write(self._conversation.finish())

    def _attend(self) -> None:
        """What the new stage asks for: a deadline, the owner, or the end."""
        stage = self._conversation.stage
        if stage is Stage.CLOSED:
            self._transport.abort()
        elif stage is Stage.IDLE:
            self._rest()
        elif stage is Stage.END:
            self._watchdog.expect(self._conversation.answer_within)
        else:
            self._watchdog.expect(
                self._timeouts.block if stage is Stage.CONTENT else self._timeouts.command
            )

    def _rest(self) -> None:
        if self._conversation.spent:
            self._quit()
        else:
            self._watchdog.expect(self._timeouts.idle)
            self._owner.idle(self)

    def _quit(self) -> None:
        """Say goodbye and let the server close (RFC 5321, section 4.1.1.10)."""
        self._leaving = True
        self._transport.write(b"QUIT\r\n")
        self._watchdog.expect(self._timeouts.farewell)

    def _late(self) -> None:
        if self._leaving:
            self._transport.abort()
        elif self._conversation.stage is Stage.IDLE:
            self._quit()
        else:
            self._end(silent())

    def _end(self, loss: Loss) -> None:
        self._conversation.lose(loss)
        self._transport.abort()
