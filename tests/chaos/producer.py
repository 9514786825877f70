"""Whoever has something to tell: into our outbox and her own, with transactions that roll back.

When a commit's answer is lost she says all of it again, with the same keys: as a producer must who
does not know.
"""

import asyncio
import json
import time
from dataclasses import dataclass, field
from random import Random

import psycopg

from tests.chaos.ledger import Letter
from tests.chaos.population import HELD, recipients, topic

_AT_ONCE = 40
_MOST_WAITING = 3000
_WAITING = """
    SELECT (SELECT count(*) FROM outbox)
         + (SELECT count(*) FROM queue WHERE token IS NULL AND due_at <= clock_timestamp())
"""


class _ChangedHerMindError(Exception):
    """Rolls a transaction back."""


@dataclass
class Producer:
    """Keeps a book of her own: whom each committed event was for.

    Attributes:
        said: Every letter of committed events.
        held: Those of topics that never send twice.
        taken_back: Events of transactions that rolled back.
    """

    urls: tuple[str, ...]
    dice: Random
    said: set[Letter] = field(default_factory=set)
    held: set[Letter] = field(default_factory=set)
    events: int = 0
    taken_back: int = 0

    async def tell(self, events: int, per_second: float, within: float) -> None:
        """Commit so many events, or as many as time allows, no faster than workers take them."""
        number, end = 0, time.monotonic() + within
        while self.events < events and time.monotonic() < end:
            await _room(self.urls[0])
            url = self.dice.choice(self.urls)
            rows = [self._row(number + place) for place in range(min(_AT_ONCE, events))]
            number += len(rows)
            if self.dice.random() < 0.1:
                self.taken_back += len(rows)
                await _insist(url, rows, commits=False)
                continue
            await _insist(url, rows, commits=True)
            self._note(rows)
            await asyncio.sleep(len(rows) / per_second)

    def _row(self, number: int) -> tuple[str, list[str], str, str]:
        to = list(recipients(number, self.dice))
        return topic(self.dice), to, json.dumps({"n": number}), f"event {number}"

    def _note(self, rows: list[tuple[str, list[str], str, str]]) -> None:
        self.events += len(rows)
        for about, to, data, _ in rows:
            letters = {(json.loads(data)["n"], who) for who in to}
            self.said |= letters
            if about == HELD:
                self.held |= letters


async def _insist(url: str, rows: list[tuple[str, list[str], str, str]], *, commits: bool) -> None:
    while True:
        try:
            await _write(url, rows, commits=commits)
        except psycopg.OperationalError:
            await asyncio.sleep(0.2)
        except _ChangedHerMindError:
            return
        else:
            return


async def _write(url: str, rows: list[tuple[str, list[str], str, str]], *, commits: bool) -> None:
    async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
        await connection.cursor().executemany(
            "INSERT INTO outbox (topic, recipients, data, dedup_key) VALUES (%s, %s, %s, %s)", rows
        )
        if not commits:
            raise _ChangedHerMindError


async def _room(url: str) -> None:
    """Wait until the workers have caught up."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
                found = await (await connection.execute(_WAITING)).fetchone()
        except psycopg.OperationalError:
            found = None
        if found and found[0] < _MOST_WAITING:
            return
        await asyncio.sleep(0.2)
