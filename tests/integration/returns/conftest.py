"""Ways in for mail that comes back, on a test's own database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from delivery.returns.addresses import ReturnKeys, bounces_to, complaints_to, optouts_to
from delivery.returns.meaning import Place
from models.database import Database
from scheduler.returns.desk import Desk
from scheduler.returns.door import LIMITS
from scheduler.returns.listener import Listener, Places
from tests.pipeline import SECRET

DOMAIN = "bounces.example.com"


@dataclass
class Post:
    """The doors, and a client that says what a test likes."""

    desk: Desk
    listener: Listener
    lmtp: str

    def bounces(self, delivery: UUID) -> str:
        return f"{bounces_to(delivery, self.desk.place.keys)}@{DOMAIN}"

    def optouts(self, recipient: str, category: str) -> str:
        return f"{optouts_to(recipient, category, 'email', self.desk.place.keys)}@{DOMAIN}"

    @property
    def complaints(self) -> str:
        return f"{complaints_to(self.desk.place.keys)}@{DOMAIN}"

    async def say(self, *words: bytes, lmtp: bool = False) -> bytes:
        """What is answered to these words, sent all at once, until the door closes."""
        reader, writer = await self.connect(lmtp=lmtp)
        writer.write(b"".join(words))
        answers = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        return answers

    async def connect(self, *, lmtp: bool = False) -> Any:
        if lmtp:
            return await asyncio.open_unix_connection(self.lmtp)
        return await asyncio.open_connection("127.0.0.1", self.listener.port)

    async def send(self, raw: bytes, *to: str, sender: str = "") -> int:
        """The code of the answer to the content."""
        answers = await self.say(envelope(*to, sender=sender), content(raw), b"QUIT\r\n")
        return codes(answers)[-2]


def envelope(*to: str, sender: str = "", hello: str = "EHLO mx.example.com") -> bytes:
    lines = [hello, f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{each}>" for each in to), "DATA"]
    return "".join(f"{line}\r\n" for line in lines).encode()


def content(raw: bytes) -> bytes:
    stuffed = (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:]
    return stuffed + (b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")


def codes(answers: bytes) -> list[int]:
    return [int(line[:3]) for line in answers.splitlines() if line[3:4] == b" "]


@dataclass
class Doors:
    """Opens doors; `through` a proxy if a test says so."""

    url: str
    folder: Any
    secrets: tuple[bytes, ...] = (SECRET.encode(),)

    def desk(self, url: str = "") -> Desk:
        database = Database.connect(url or self.url, "tidings bounces", 4)
        place = Place(DOMAIN, ReturnKeys.of(*self.secrets))
        return Desk(database, place, frozenset({"email", "in_app"}))

    @asynccontextmanager
    async def open(self, url: str = "", **limits: Any) -> AsyncIterator[Post]:
        desk, path = self.desk(url), str(self.folder / "lmtp")
        places = Places(port=0, lmtp=path)
        async with Listener(desk, places, replace(LIMITS, **limits)) as listener:
            yield Post(desk, listener, path)
        await desk.database.close()


@pytest.fixture
def doors(database_url: str, tmp_path: Any) -> Doors:
    return Doors(database_url, tmp_path)


@pytest.fixture
async def post(doors: Doors) -> AsyncIterator[Post]:
    async with doors.open() as post:
        yield post
