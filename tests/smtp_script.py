"""An SMTP session as a script: what the server says, and what a conversation answers."""

import asyncio
from collections import deque
from uuid import UUID

from delivery.messages import Message
from delivery.providers.smtp.conversation import Conversation
from delivery.providers.smtp.extensions import Extensions
from delivery.providers.smtp.letters import write_letter
from delivery.providers.smtp.replies import ReplyReader
from delivery.providers.smtp.stages import Stage
from delivery.providers.smtp.transfers import Transfer


class Lease:
    def __init__(self) -> None:
        self.held = True

    def holds(self) -> bool:
        return self.held


class Queue(deque[Transfer]):
    """The waiting messages of a test."""

    def take(self) -> Transfer | None:
        return self.popleft() if self else None

    def give_back(self, transfer: Transfer) -> None:
        self.appendleft(transfer)


class Script:
    """A conversation and its messages m0, m1, …; `says` feeds it replies, returns its words."""

    def __init__(
        self, count: int = 1, *, quota: int = 100, extensions: Extensions | None = None
    ) -> None:
        loop = asyncio.get_running_loop()
        extensions = extensions or Extensions(pipelining=True)
        self.sent = [self._transfer(number, loop) for number in range(count)]
        self.queue = Queue(self.sent)
        self.conversation = Conversation(extensions, self.queue, quota)
        self.reader = ReplyReader()

    @staticmethod
    def _transfer(number: int, loop: asyncio.AbstractEventLoop) -> Transfer:
        message = Message(UUID(int=number), f"r{number}@x", f"s{number}@x", b"m%d\r\n" % number)
        return Transfer(write_letter(message), Lease(), 7.0, loop.create_future())

    def starts(self):
        return self.conversation.start()

    def says(self, *lines: str):
        words = b""
        for answer in self.reader.feed(b"".join(line.encode() + b"\r\n" for line in lines)):
            words += self.conversation.receive(answer)
            if self.conversation.stage is Stage.CONTENT:
                words += self.conversation.finish()
        return words

    @property
    def stage(self):
        return self.conversation.stage

    def error(self, number: int):
        return self.sent[number].outcome.exception()

    def receipt(self, number: int):
        return self.sent[number].outcome.result()


def envelope(number: int):
    return b"MAIL FROM:<s%d@x>\r\nRCPT TO:<r%d@x>\r\nDATA\r\n" % (number, number)


def content(number: int):
    return b"m%d\r\n.\r\n" % number


TAKEN = ("250 sender", "250 recipient", "354 go")
