"""What recipients chose, and who changed it when and from where."""

from collections.abc import Sequence
from datetime import datetime

from models.ids import bucket_of
from models.pseudonyms import Pseudonyms
from models.queries.erasing import erasures
from models.queries.routing import TOGETHER, Shards, routed, slice_of
from models.queries.sending import ledgers
from models.query import Query, Story, count, records, sql
from models.records import Author, Choice, Class


def choose(
    choices: Sequence[Choice], author: Author, now: datetime, shards: Shards = TOGETHER
) -> Story[int]:
    """Keep choices or take them back, each with its line in the history, in one transaction.

    The same choice again changes nothing, not even who made it and when; of two for one place
    the last one counts. Whoever decides about these recipients right now is waited for.

    Args:
        choices: Of one recipient, or of many.
        author: Who changes them.
        now: The database's time.
        shards: Where the buckets lie, when they are of many.

    Returns:
        How many changed.
    """
    changed = 0
    for together in shards.group(_in_order(choices), _bucket):
        changed += yield from _choose(together, author, now)
    return changed


def wish(
    choices: Sequence[Choice],
    author: Author,
    now: datetime,
    names: Pseudonyms,
    shards: Shards = TOGETHER,
) -> Story[int]:
    """The same, but for people who were erased: an old link or list must not bring them back."""
    gone: dict[str, str] = yield erasures.erased({one.recipient_id for one in choices}, names)
    kept = [choice for choice in choices if choice.recipient_id not in gone]
    return (yield from choose(kept, author, now, shards)) if kept else 0


def _bucket(choice: Choice) -> int:
    return bucket_of(choice.recipient_id)


def _choose(chosen: Sequence[Choice], author: Author, now: datetime) -> Story[int]:
    recipients = {choice.recipient_id for choice in chosen}
    yield ledgers.make_ledgers(recipients)
    yield ledgers.await_ledgers(recipients)
    kept = [choice for choice in chosen if choice.allowed is not None]
    taken = [choice for choice in chosen if choice.allowed is None]
    changed: list[Choice] = []
    if kept:
        changed += yield _keep(kept, author, now)
    if taken:
        changed += yield _take_back(taken)
    if changed:
        yield _remember(changed, author, now)
    return len(changed)


def _in_order(choices: Sequence[Choice]) -> list[Choice]:
    """The last choice for each place, in the order of the keys."""
    last = {_place(choice): choice for choice in choices}
    return [last[key] for key in sorted(last)]


def _place(choice: Choice) -> tuple[int, str, str, str, bool]:
    """A mute and a snooze are at one place, but each is taken back by itself."""
    ends_snooze = choice.allowed is None and choice.until is not None
    key = choice.recipient_id
    return bucket_of(key), key, choice.category, choice.channel, ends_snooze


_CHOICES = """
    unnest(CAST(:buckets AS smallint[]), CAST(:ids AS text[]), CAST(:categories AS text[]),
           CAST(:channels AS text[]), CAST(:allowed AS boolean[]), CAST(:untils AS timestamptz[]))
    u (bucket, recipient_id, category, channel, allowed, until)
"""
_CHANGED = "recipient_id, category, channel"


def _said(choices: Sequence[Choice]) -> dict[str, list[object]]:
    return {
        "buckets": list(map(_bucket, choices)),
        "ids": [choice.recipient_id for choice in choices],
        "categories": [choice.category for choice in choices],
        "channels": [choice.channel for choice in choices],
        "allowed": [choice.allowed for choice in choices],
        "untils": [choice.until for choice in choices],
    }


def _keep(choices: Sequence[Choice], author: Author, now: datetime) -> Query[list[Choice]]:
    """Write choices; those that changed something."""
    return routed(
        f"""
        INSERT INTO preferences AS p
            (bucket, recipient_id, category, channel, allowed, until, changed_at, changed_by)
        SELECT u.bucket, u.recipient_id, u.category, u.channel, u.allowed, u.until, :now, :by
          FROM {_CHOICES} WHERE u.bucket = ANY(:slice)
         ORDER BY u.bucket, u.recipient_id, u.category, u.channel
        ON CONFLICT (bucket, recipient_id, category, channel) DO UPDATE
           SET allowed = excluded.allowed, until = excluded.until,
               changed_at = excluded.changed_at, changed_by = excluded.changed_by
         WHERE (p.allowed, p.until) IS DISTINCT FROM (excluded.allowed, excluded.until)
        RETURNING {_CHANGED}, allowed, until
        """,
        slice_of(map(_bucket, choices)),
        records(Choice),
        now=now,
        by=author.name,
        **_said(choices),
    )


def _take_back(choices: Sequence[Choice]) -> Query[list[Choice]]:
    """Forget choices; those that there were. Taking back a snooze leaves a mute, and vice versa."""
    return routed(
        f"""
        DELETE FROM preferences p USING {_CHOICES}
         WHERE p.bucket = ANY(:slice) AND p.bucket = u.bucket
           AND p.recipient_id = u.recipient_id AND p.category = u.category
           AND p.channel = u.channel AND (p.until IS NULL) = (u.until IS NULL)
        RETURNING p.recipient_id, p.category, p.channel, CAST(NULL AS boolean), p.until
        """,
        slice_of(map(_bucket, choices)),
        records(Choice),
        **_said(choices),
    )


def _remember(choices: Sequence[Choice], author: Author, now: datetime) -> Query[int]:
    return routed(
        f"""
        INSERT INTO preference_changes
            (bucket, recipient_id, at, category, channel, allowed, until, changed_by, via)
        SELECT u.bucket, u.recipient_id, :now, u.category, u.channel, u.allowed, u.until, :by, :via
          FROM {_CHOICES} WHERE u.bucket = ANY(:slice)
        ON CONFLICT (bucket, recipient_id, at, category, channel) DO NOTHING
        """,
        slice_of(map(_bucket, choices)),
        count,
        now=now,
        by=author.name,
        via=author.via,
        **_said(choices),
    )


def wake_snoozed(recipient: str, now: datetime) -> Query[int]:
    """Let what a snooze held be looked at now; asked after the commit of what ended it."""
    return routed(
        """
        UPDATE queue q SET due_at = :now, held_for = NULL
         WHERE q.bucket = ANY(:slice) AND q.recipient_id = :id
           AND q.held_for = 'snoozed' AND q.token IS NULL
        """,
        slice_of([bucket_of(recipient)]),
        count,
        id=recipient,
        now=now,
    )


def titles_in(category: str, limit: int) -> Query[list[str]]:
    """Titles of the topics of a category that people may turn off."""
    return sql(
        """
        SELECT title FROM topics
         WHERE category = :category AND (NOT mandatory OR class = :promotional)
         ORDER BY title LIMIT :limit
        """,
        lambda result: list(result.scalars()),
        category=category,
        promotional=Class.PROMOTIONAL,
        limit=limit,
    )
