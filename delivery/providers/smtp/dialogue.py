"""The lock-step part of a session: one command, one answer, in time."""

import asyncio
from asyncio import Protocol, Transport
from collections import deque
from typing import cast

from delivery.errors import UnavailableError
from delivery.providers.smtp.replies import Answer, ReplyReader, UnreadableReplyError
from delivery.providers.smtp.stages import Stage


class Dialogue(Protocol):
    """Asks and waits: greeting, EHLO, STARTTLS and AUTH, before any message."""

    def __init__(self) -> None:
        self.transport: Transport
        self._reader = ReplyReader()
        self._answers: deque[Answer] = deque()
        self._heard = asyncio.Event()
        self._trouble: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self.transport = cast("Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Some of an answer, or several."""
        try:
            self._answers.extend(self._reader.feed(data))
        except UnreadableReplyError:
            self._trouble = "the server does not speak SMTP"
        self._heard.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        del exc
        self._trouble = self._trouble or "the connection was lost"
        self._heard.set()

    async def ask(self, command: bytes, stage: Stage, within: float) -> Answer:
        """The answer to a command; an empty one waits for the greeting.

        Raises:
            UnavailableError: None came within so many seconds.
        """
        self.transport.write(command)
        try:
            async with asyncio.timeout(within):
                return await self._answer(stage)
        except TimeoutError:
            raise UnavailableError(f"{stage}: no answer within {within:g} s") from None

    async def _answer(self, stage: Stage) -> Answer:
        while not self._answers:
            if self._trouble:
                raise UnavailableError(f"{stage}: {self._trouble}")
            self._heard.clear()
            await self._heard.wait()
        return self._answers.popleft()

    def forget(self) -> bool:
        """Drop all that was heard and not asked for; whether there was anything.

        Before a TLS handshake it may be an attacker's, spoken in the server's name.
        """
        waste = self._reader.clear() or bool(self._answers)
        self._answers.clear()
        return waste
