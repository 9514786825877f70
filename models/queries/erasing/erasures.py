"""Who was erased, who is being erased, and how far that came."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from models.ids import bucket_of
from models.people import AuditEntry
from models.pseudonyms import Pseudonyms
from models.queries.console import people
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Answer, Query, Story, count
from models.records import Erasure
from models.veil import Veil

ASKED = "asked to erase a recipient"
_SUBJECT = """
    SELECT (SELECT name FROM recipients
             WHERE bucket = ANY(:slice) AND recipient_id = :id) AS name,
           ARRAY(SELECT address FROM addresses
                  WHERE bucket = ANY(:slice) AND recipient_id = :id
                  UNION
                 SELECT address FROM deliveries
                  WHERE bucket = ANY(:slice) AND recipient_id = :id AND address IS NOT NULL
                  ORDER BY 1) AS addresses
"""
_REQUEST = """
    INSERT INTO erasures AS e
           (bucket, pseudonym, requested_at, requested_by, reason, subject, sweep, step, place,
            done, due_at)
    VALUES (:bucket, :pseudonym, :now, :by, :reason, CAST(:subject AS jsonb), 1, '', '',
            CAST('{}' AS jsonb), :now)
    ON CONFLICT (bucket, pseudonym) DO UPDATE
       SET requested_at = excluded.requested_at, requested_by = excluded.requested_by,
           reason = excluded.reason, subject = excluded.subject, sweep = 1, step = '',
           place = '', done = excluded.done, due_at = excluded.due_at, finished_at = NULL,
           returned_at = NULL
     WHERE e.finished_at IS NOT NULL
"""


def subject(recipient: str, names: Pseudonyms) -> Story[Veil]:
    """What gives somebody away: id, name, the addresses they have and were written to."""
    found: Any = yield routed(
        _SUBJECT, slice_of([bucket_of(recipient)]), lambda result: result.rows[0], id=recipient
    )
    name = names.recipient(recipient)[0]
    return Veil(recipient, name, found.name, tuple(found.addresses))


def request(veil: Veil, by: str, reason: str, now: datetime) -> Query[int]:
    """Ask for an erasure, from this moment in force; one that is on its way goes on.

    Returns:
        1 when it begins, 0 when it had begun.
    """
    told = {"id": veil.recipient_id, "name": veil.name, "addresses": list(veil.addresses)}
    parameters = {
        "bucket": bucket_of(veil.recipient_id),
        "pseudonym": veil.known_as,
        "subject": json.dumps(told),
        "by": by,
        "reason": reason,
        "now": now,
    }
    return Query(_REQUEST, count, parameters)


def ask(
    recipient: str, names: Pseudonyms, by: str, reason: str, now: datetime
) -> Story[tuple[str, bool]]:
    """Ask for an erasure and keep who did, in one transaction.

    Returns:
        The pseudonym, and whether it begins; `False`: it had begun.

    Raises:
        ValueError: There is no reason, or it names the person, who would be named for ever.
    """
    veil: Veil = yield from subject(recipient, names)
    if not reason.strip():
        raise ValueError("give a reason: it is kept with the certificate")
    if veil.text(reason) != reason or any(word in reason for word in veil.exact):
        raise ValueError("the reason names the person: it is kept, so say it without them")
    begins: int = yield request(veil, by, reason.strip(), now)
    if begins:
        entry = AuditEntry(now, by, ASKED, veil.known_as, {}, why=reason.strip())
        yield people.write_audit(entry)
    return veil.known_as, bool(begins)


def due(slice_: Slice, now: datetime, limit: int) -> Query[list[str]]:
    """Erasures that go on now, by their pseudonyms; the longest due first."""
    return routed(
        """
        SELECT pseudonym FROM erasures
         WHERE bucket = ANY(:slice) AND finished_at IS NULL AND due_at <= :now
         ORDER BY due_at LIMIT :limit
        """,
        slice_,
        lambda result: list(result.scalars()),
        now=now,
        limit=limit,
    )


def _erasures(result: Answer) -> list[Erasure]:
    return [_erasure(*row) for row in result]


def _erasure(bucket: int, pseudonym: str, told: dict[str, Any], *more: Any) -> Erasure:
    veil = Veil(told["id"], pseudonym, told["name"], tuple(told["addresses"]))
    return Erasure(bucket, pseudonym, veil, *more)


def lock(pseudonym: str, now: datetime) -> Query[list[Erasure]]:
    """Lock one that goes on now; none where somebody else works on it."""
    return routed(
        """
        SELECT bucket, pseudonym, subject, requested_at, requested_by, reason, sweep, step, place,
               done
          FROM erasures
         WHERE bucket = ANY(:slice) AND pseudonym = :pseudonym AND finished_at IS NULL
           AND due_at <= :now
           FOR UPDATE SKIP LOCKED
        """,
        slice_of([bucket_of(pseudonym)]),
        _erasures,
        pseudonym=pseudonym,
        now=now,
    )


def advance(erasure: Erasure, due_at: datetime) -> Query[int]:
    """Write how far it came, in the transaction that came so far."""
    return routed(
        """
        UPDATE erasures SET sweep = :sweep, step = :step, place = :place,
               done = CAST(:done AS jsonb), due_at = :due_at
         WHERE bucket = ANY(:slice) AND pseudonym = :pseudonym
        """,
        slice_of([erasure.bucket]),
        count,
        pseudonym=erasure.pseudonym,
        sweep=erasure.sweep,
        step=erasure.step,
        place=erasure.place,
        done=json.dumps(dict(erasure.done)),
        due_at=due_at,
    )


def finish(erasure: Erasure, now: datetime) -> Query[int]:
    """Say that it is done, and forget who it was."""
    return routed(
        """
        UPDATE erasures SET subject = NULL, step = '', place = '', finished_at = :now
         WHERE bucket = ANY(:slice) AND pseudonym = :pseudonym
        """,
        slice_of([erasure.bucket]),
        count,
        pseudonym=erasure.pseudonym,
        now=now,
    )


def erased(recipients: Iterable[str], names: Pseudonyms) -> Query[dict[str, str]]:
    """Who of these was or is being erased, to the pseudonym they are known by."""
    asked = {name: one for one in set(recipients) for name in names.recipient(one)}
    return routed(
        """
        SELECT pseudonym FROM erasures
         WHERE bucket = ANY(:slice) AND pseudonym = ANY(:names) AND returned_at IS NULL
        """,
        slice_of(map(bucket_of, asked)),
        lambda result: {asked[name]: name for name in result.scalars()},
        names=list(asked),
    )


def any_erased() -> Query[bool]:
    """Whether anybody was ever erased: if not, nobody need be asked about."""
    return routed(
        "SELECT 1 FROM erasures WHERE bucket = ANY(:slice) LIMIT 1",
        EVERYWHERE,
        lambda result: bool(result.rows),
    )


def return_(recipient: str, names: Pseudonyms, now: datetime) -> Query[int]:
    """Let somebody who was erased be known again, from nothing.

    Returns:
        1 when they may be; 0 when nobody of this id was erased, or it is not finished.
    """
    return routed(
        """
        UPDATE erasures SET returned_at = :now
         WHERE bucket = ANY(:slice) AND pseudonym = ANY(:names)
           AND finished_at IS NOT NULL AND returned_at IS NULL
        """,
        slice_of([bucket_of(recipient)]),
        count,
        names=list(names.recipient(recipient)),
        now=now,
    )
