"""A mail server that does everything wrong that servers and networks do, and keeps a ledger."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import StrEnum
from random import Random
from ssl import SSLContext

from tests.chaos.ledger import Ledger
from tests.chaos.steps import ANSWERED, UNANSWERED, Step
from tests.mail_servers import Client, Hangup, MailServer


class Fault(StrEnum):
    """What goes wrong with one message, or with one connection."""

    NONE = "none"
    CUT_IN_CONTENT = "drops before the final dot"
    CUT_KEPT = "drops after the final dot, kept"
    CUT_UNKEPT = "drops after the final dot, not kept"
    LATE = "delays the answer"
    VERY_LATE = "delays the answer beyond a lease"
    LEAVES = "421 in mid-session"
    LEAVES_AT_DOT = "421 after the final dot"
    DEFERS = "4xx at RCPT, then 250"
    DEFERS_DOT = "4xx after the final dot, then 250"
    REFUSES = "5xx after the final dot"
    TARPIT = "tarpit"
    GARBAGE = "garbage at RCPT"
    GARBAGE_DOT = "garbage after the final dot, kept"
    NO_GREETING = "closes at the greeting"
    LEAVES_AT_GREETING = "421 at the greeting"
    GARBAGE_GREETING = "garbage at the greeting"
    NO_TLS = "closes at TLS"


F = Fault
_OF_MESSAGES = {
    F.CUT_IN_CONTENT: 8, F.CUT_KEPT: 6, F.CUT_UNKEPT: 6, F.LATE: 8, F.VERY_LATE: 1, F.LEAVES: 6,
    F.LEAVES_AT_DOT: 5, F.DEFERS: 8, F.DEFERS_DOT: 8, F.REFUSES: 4, F.TARPIT: 3, F.GARBAGE: 4,
    F.GARBAGE_DOT: 3,
}  # fmt: skip
"""Of a thousand messages."""
_OF_CONNECTIONS = {F.NO_GREETING: 15, F.LEAVES_AT_GREETING: 15, F.GARBAGE_GREETING: 10}
"""Of a thousand connections; where there is TLS, so many again close during its handshake."""
GONE = "gone-"
"""Mailboxes that do not exist begin so."""
_NOISE = b"\x00\xff<html>what?\r\n"


class Faults:
    """Which fault comes when: told by the seed, the recipient and how often it was tried."""

    def __init__(self, seed: int, rate: float) -> None:
        self._seed = seed
        self._rate = rate
        self._tried: Counter[str] = Counter()

    def of_message(self, recipient: str) -> Fault:
        self._tried[recipient] += 1
        return self._draw(f"{recipient} {self._tried[recipient]}", _OF_MESSAGES)

    def of_connection(self, number: int, *, tls: bool) -> Fault:
        closes = {F.NO_TLS: 30} if tls else {}
        return self._draw(f"connection {number}", {**_OF_CONNECTIONS, **closes})

    def _draw(self, what: str, per_mille: dict[Fault, int]) -> Fault:
        dice = Random(f"{self._seed} {what}")
        rolled = dice.random() * 1000 / self._rate
        for fault, share in per_mille.items():
            rolled -= share
            if rolled < 0:
                return fault
        return F.NONE


Watch = Callable[[Step], Awaitable[None]]


async def _nobody_watches(_: Step) -> None:
    pass


class FaultyMail(MailServer):
    """One worker's way to the mail server: all of them write into one ledger."""

    def __init__(
        self, ledger: Ledger, faults: Faults, lease: float, tls: SSLContext | None
    ) -> None:
        super().__init__(tls=tls)
        self._ledger = ledger
        self._faults = faults
        self.watch: Watch = _nobody_watches
        self._lease = lease
        self._wrong: dict[int, Fault] = {}
        self._closes: dict[int, Fault] = {}

    async def session(self, client: Client) -> None:
        try:
            await super().session(client)
        except RuntimeError:  # uvloop's word for a client that is gone
            raise Hangup from None
        finally:
            self._wrong.pop(client.number, None)
            self._closes.pop(client.number, None)

    def _happens(self, fault: Fault) -> Fault:
        if fault is not F.NONE:
            self._ledger.faults[fault] += 1
        return fault

    async def greet(self, client: Client) -> None:
        drawn = self._faults.of_connection(client.number, tls=self.tls is not None)
        self._closes[client.number] = self._happens(drawn)
        match drawn:
            case F.NO_GREETING:
                raise Hangup
            case F.LEAVES_AT_GREETING:
                await client.say(b"421 4.3.2 not now")
                raise Hangup
            case F.GARBAGE_GREETING:
                await client.say(_NOISE)
                raise Hangup
        await super().greet(client)

    async def starttls(self, client: Client) -> None:
        if self._closes[client.number] is F.NO_TLS:
            await client.say(b"220 go on")
            raise Hangup
        await super().starttls(client)

    async def rcpt(self, client: Client) -> bytes:
        answer = await super().rcpt(client)
        if client.recipient.startswith(GONE):
            client.recipient = ""
            return b"550 5.1.1 no such user"
        fault = self._happens(self._faults.of_message(client.recipient))
        self._wrong[client.number] = fault
        match fault:
            case F.LEAVES:
                await client.say(b"421 4.3.2 leaving")
                raise Hangup
            case F.GARBAGE:
                await client.say(_NOISE)
                raise Hangup
            case F.DEFERS:
                client.recipient = ""
                return b"451 4.7.1 later"
        return answer

    async def _content(self, client: Client) -> None:
        if self._wrong[client.number] is F.CUT_IN_CONTENT:
            await client.reader.readline()
            raise Hangup
        await super()._content(client)
        await self.watch(ANSWERED)

    async def dot(self, client: Client) -> bytes:
        fault = self._wrong[client.number]
        match fault:
            case F.CUT_UNKEPT:
                raise Hangup
            case F.LEAVES_AT_DOT:
                await client.say(b"421 4.3.2 leaving")
                raise Hangup
            case F.DEFERS_DOT:
                return b"451 4.3.0 later"
            case F.REFUSES:
                return b"554 5.7.1 not this"
        self._ledger.keep(client.recipient, client.content)
        await self.watch(UNANSWERED)
        return await self._answer(client, fault)

    async def _answer(self, client: Client, fault: Fault) -> bytes:
        match fault:
            case F.CUT_KEPT:
                raise Hangup
            case F.GARBAGE_DOT:
                await client.say(_NOISE)
                raise Hangup
            case F.LATE:
                await asyncio.sleep(0.5)
            case F.VERY_LATE:
                await asyncio.sleep(self._lease + 2)
            case F.TARPIT:
                for letter in b"250-slowly\r\n":
                    client.writer.write(bytes([letter]))
                    await asyncio.sleep(0.1)
        return b"250 2.0.0 taken"

    def keep(self, client: Client) -> None:
        """The ledger has it already, before the answer."""
