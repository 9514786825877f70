"""The ledger against the database: what was lost, what came unasked, what came twice."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import psycopg

from tests.chaos.ledger import Letter

_ACCEPTED = {"sent", "delivered"}
_UNSENT = {"bounced", "failed", "skipped", "expired", "cancelled"}
_LETTERS = """
    SELECT CAST(e.data ->> 'n' AS int), d.recipient_id, coalesce(q.state, d.state),
           coalesce(q.held_for, d.reason)
      FROM deliveries d JOIN events e ON e.event_id = d.event_id
      LEFT JOIN queue q ON q.bucket = d.bucket AND q.delivery_id = d.delivery_id
     WHERE d.channel = 'email'
"""


@dataclass(frozen=True)
class Findings:
    """Each list names letters, so that one can be looked at."""

    ends: Counter[str]
    lost: list[Letter]
    unexpected: list[Letter]
    twice: int
    twice_held: list[Letter]
    in_doubt: int

    @property
    def promise_holds(self) -> bool:
        """Nothing lost, nothing unasked, nothing twice that was never in doubt."""
        broken = self.lost or self.unexpected or self.twice_held
        return not broken and self.twice <= self.in_doubt


def judge(
    connection: psycopg.Connection,
    kept: Mapping[Letter, int],
    said: Collection[Letter],
    held: Collection[Letter],
) -> Findings:
    """Compare what was said, what the mail server kept and what the database believes."""
    rows = connection.execute(_LETTERS).fetchall()
    stands = {(number, who): state for number, who, state, _ in rows}
    assert len(stands) == len(rows), "two deliveries for one letter"
    lost = [letter for letter in said if _is_lost(stands.get(letter), kept.get(letter, 0))]
    unexpected = [
        letter
        for letter in {*kept, *stands}
        if letter not in said or (kept.get(letter) and stands.get(letter) in _UNSENT)
    ]
    twice = {letter: times - 1 for letter, times in kept.items() if times > 1}
    return Findings(
        Counter(f"{state}: {why}" if why else state for _, _, state, why in rows),
        sorted(lost),
        sorted(unexpected),
        sum(twice.values()),
        sorted(letter for letter in twice if letter in held),
        _doubts(connection),
    )


def _is_lost(state: str | None, kept: int) -> bool:
    """Nobody has it, though we say that somebody does, or say nothing of it."""
    return state in {None, "scheduled", "sending"} or (state in _ACCEPTED and not kept)


def _doubts(connection: psycopg.Connection) -> int:
    """How often a row fell in doubt, also where it went on from there."""
    row = connection.execute(
        "SELECT coalesce(sum(entered), 0) FROM rollups WHERE state = 'in_doubt'"
    ).fetchone()
    assert row
    return int(row[0])
