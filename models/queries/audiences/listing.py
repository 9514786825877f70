"""Bringing a list in: beside the one in force, which it takes the place of in one step.

All of it is one transaction: whatever ends it early leaves the list in force as it was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.ids import bucket_of
from models.queries.routing import EVERYWHERE, routed
from models.query import Copy, Query, Story, count, records, sql

KEPT = 3
"""Lists of an audience that are kept: the one in force, and those one may go back to."""

Staged = Sequence[tuple[int, str]]
"""Lines: their numbers, and an id or an address each."""


@dataclass(frozen=True, slots=True)
class Place:
    """A list: of which audience, which one, and the channel of its addresses, if they are some."""

    audience: str
    list: int
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A line that is nobody's."""

    line: int
    value: str


def stage() -> Query[int]:
    """A temporary table to copy lines into; gone at the end of the transaction."""
    return sql(
        "CREATE TEMPORARY TABLE staged_list (line int8, bucket int2, value text) ON COMMIT DROP",
        count,
    )


def staged(lines: Staged) -> Copy:
    """Some lines on their way in."""
    rows = [(number, bucket_of(value), value) for number, value in lines]
    return Copy("staged_list", ["line", "bucket", "value"], rows)


def ready() -> Story[None]:
    """Let lines be found in order, and Postgres know how many there are."""
    yield sql("CREATE INDEX ON staged_list (line)", count)
    yield sql("ANALYZE staged_list", count)


def next_list(audience: str) -> Query[int]:
    """The number of a new list, one above all others."""
    return sql(
        "SELECT coalesce(max(list), 0) + 1 FROM audience_versions WHERE audience = :audience",
        lambda result: int(result.scalar_one()),
        audience=audience,
    )


_BY_ID = """
    INSERT INTO audience_members (bucket, audience, list, recipient_id)
    SELECT r.bucket, CAST(:audience AS text), CAST(:list AS bigint), r.recipient_id
      FROM recipients r
     WHERE r.bucket = ANY(:slice)
       AND (r.bucket, r.recipient_id) IN (SELECT s.bucket, s.value FROM staged_list s)
"""
_BY_ADDRESS = """
    INSERT INTO audience_members (bucket, audience, list, recipient_id)
    SELECT DISTINCT a.bucket, CAST(:audience AS text), CAST(:list AS bigint), a.recipient_id
      FROM addresses a
     WHERE a.bucket = ANY(:slice) AND a.channel = :channel
       AND a.address IN (SELECT s.value FROM staged_list s)
"""


def write(place: Place) -> Query[int]:
    """Put whoever the staged lines name on a new list; how many those are."""
    named: dict[str, object] = {"audience": place.audience, "list": place.list}
    if place.channel is None:
        return routed(_BY_ID, EVERYWHERE, count, **named)
    return routed(_BY_ADDRESS, EVERYWHERE, count, **named, channel=place.channel)


def unmatched(place: Place, after: int, limit: int) -> Query[list[Unmatched]]:
    """Staged lines that name nobody, from behind one on."""
    theirs = (
        "SELECT FROM recipients r WHERE r.bucket = ANY(:slice) AND r.bucket = s.bucket"
        " AND r.recipient_id = s.value"
        if place.channel is None
        else "SELECT FROM addresses a WHERE a.bucket = ANY(:slice) AND a.channel = :channel"
        " AND a.address = s.value"
    )
    named = {} if place.channel is None else {"channel": place.channel}
    return routed(
        f"""
        SELECT s.line, s.value FROM staged_list s
         WHERE s.line > :after AND NOT EXISTS ({theirs})
         ORDER BY s.line LIMIT :limit
        """,
        EVERYWHERE,
        records(Unmatched),
        after=after,
        limit=limit,
        **named,
    )


def respell(lines: Staged) -> Query[int]:
    """Give staged lines the form in which their channel keeps addresses."""
    return sql(
        """
        UPDATE staged_list s SET value = u.value
          FROM unnest(CAST(:lines AS bigint[]), CAST(:values AS text[])) u (line, value)
         WHERE s.line = u.line
        """,
        count,
        lines=[line for line, _ in lines],
        values=[value for _, value in lines],
    )


@dataclass(frozen=True, slots=True)
class Doubled:
    """A line that says what an earlier one said."""

    line: int
    value: str
    first: int


def doubled(limit: int) -> Query[list[Doubled]]:
    """The first staged lines that say what an earlier one said."""
    return sql(
        """
        SELECT line, value, first FROM (
            SELECT line, value, min(line) OVER (PARTITION BY value) AS first FROM staged_list) s
         WHERE line > first ORDER BY line LIMIT :limit
        """,
        records(Doubled),
        limit=limit,
    )


def how_many_doubled() -> Query[int]:
    """How many staged lines say what an earlier one said."""
    return sql(
        "SELECT count(*) - count(DISTINCT value) FROM staged_list",
        lambda result: int(result.scalar_one()),
    )


def differ(place: Place, before: int) -> Query[bool]:
    """Whether a new list holds others than the one before it."""
    return routed(
        """
        SELECT EXISTS (
            SELECT m.recipient_id FROM audience_members m
             WHERE m.bucket = ANY(:slice) AND m.audience = :audience
               AND m.list IN (:list, :before)
             GROUP BY m.bucket, m.recipient_id HAVING count(*) < 2)
        """,
        EVERYWHERE,
        lambda result: bool(result.scalar_one()),
        audience=place.audience,
        list=place.list,
        before=before,
    )


def forget(audience: str, lists: Iterable[int]) -> Query[int]:
    """Forget whole lists of an audience."""
    return routed(
        """
        DELETE FROM audience_members
         WHERE bucket = ANY(:slice) AND audience = :audience AND list = ANY(:lists)
        """,
        EVERYWHERE,
        count,
        audience=audience,
        lists=sorted(lists),
    )


def there(audience: str) -> Story[list[int]]:
    """The lists of an audience that are kept, the newest first."""
    found: list[int] = yield routed(
        """
        SELECT DISTINCT m.list FROM audience_members m
         WHERE m.bucket = ANY(:slice) AND m.audience = :audience
        """,
        EVERYWHERE,
        lambda result: list(result.scalars()),
        audience=audience,
    )
    return sorted(found, reverse=True)
