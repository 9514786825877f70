"""The numbers of a feed: every change has one, none is missed, forgetting is remembered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from models.database import Database
from models.ids import bucket_of
from models.queries.people import feed
from models.queries.people.feed import Item, Mark, Which
from models.queries.routing import EVERYWHERE
from models.queries.sending import facts, ledgers
from models.records import FeedItem, Ledger
from tests.edge import Edge, edge_on


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        yield edge


async def tell(database: Database, recipient: str, items: int) -> None:
    """New items, as the gate writes them: a recipient somebody decides for waits a round."""
    while not await _tell(database, recipient, items):
        pass


async def _tell(database: Database, recipient: str, items: int) -> bool:
    now = await database.tell_time()
    async with database.begin() as tx:
        await tx.run(ledgers.make_ledgers([recipient]))
        locked = await tx.run(ledgers.lock_ledgers([recipient]))
        if recipient not in locked:
            return False
        at = locked[recipient]
        new = [item(recipient, at.seq + n, at.change + n) for n in range(1, items + 1)]
        await tx.copy(facts.write_feed(new, now))
        after = Ledger(seq=at.seq + items, change=at.change + items)
        await tx.run(ledgers.write_ledgers({recipient: after}))
    return True


def item(recipient: str, seq: int, change: int) -> FeedItem:
    return FeedItem(
        bucket=bucket_of(recipient),
        recipient_id=recipient,
        seq=seq,
        change=change,
        delivery_id=UUID(int=(bucket_of(recipient) << 64) + seq),
        topic="board.shared",
        title=f"Item {seq}",
        body="…",
        url=None,
        actor=None,
        thread=None,
    )


async def mark(database: Database, recipient: str, said: Mark, which: Which) -> int:
    now = await database.tell_time()
    async with database.begin() as tx:
        at = (await tx.run(feed.lock(recipient))).change
        changed = await tx.run(feed.mark(recipient, said, which, at, now))
        await tx.run(feed.advance(recipient, at + changed))
    return changed


async def items(edge: Edge, recipient: str = "anna", after: int = 0) -> list[Item]:
    async with edge.database.begin() as tx:
        return await tx.run(feed.changes(recipient, after, 1000))


async def test_every_changed_item_gets_a_change_of_its_own(edge: Edge):
    await tell(edge.database, "anna", 5)
    assert await mark(edge.database, "anna", Mark.SEEN, Which(up_to=3)) == 3
    assert [(item.seq, item.change) for item in await items(edge)] == [
        (4, 4), (5, 5), (1, 6), (2, 7), (3, 8),
    ]  # fmt: skip
    async with edge.database.begin() as tx:
        assert (await tx.run(feed.numbers("anna"))).change == 8


async def test_the_same_mark_again_changes_nothing(edge: Edge):
    await tell(edge.database, "anna", 3)
    for said in Mark:
        await mark(edge.database, "anna", said, Which())
        before = await items(edge)
        assert await mark(edge.database, "anna", said, Which()) == 0
        assert await items(edge) == before


async def test_read_is_seen_but_seen_is_not_read(edge: Edge):
    await tell(edge.database, "anna", 2)
    await mark(edge.database, "anna", Mark.SEEN, Which(up_to=1))
    [seen] = [item for item in await items(edge) if item.seq == 1]
    assert seen.seen_at is not None
    assert seen.read_at is None
    await mark(edge.database, "anna", Mark.READ, Which())
    first, second = sorted(await items(edge), key=lambda item: item.seq)
    assert first.seen_at == seen.seen_at, "what was seen earlier stays so"
    assert second.seen_at == second.read_at is not None


async def test_marks_nobody_elses_items(edge: Edge):
    await tell(edge.database, "anna", 2)
    await tell(edge.database, "bo", 2)
    ids = tuple(item.id for item in await items(edge, "bo"))
    assert await mark(edge.database, "anna", Mark.READ, Which(ids=ids)) == 0
    assert all(item.read_at is None for item in await items(edge, "bo"))


async def test_marking_and_telling_at_once_lose_no_change(edge: Edge):
    """Who always asks for what came after the last change ends with the feed as it is."""
    await tell(edge.database, "anna", 1)
    mirror: dict[int, Item] = {}
    busy = True

    async def following() -> None:
        after = 0
        while busy or await items(edge, after=after):
            for item in await items(edge, after=after):
                mirror[item.seq] = item
                after = max(after, item.change)

    async def changing() -> None:
        nonlocal busy
        await asyncio.gather(
            *(tell(edge.database, "anna", 2) for _ in range(8)),
            *(mark(edge.database, "anna", Mark.SEEN, Which()) for _ in range(6)),
            *(mark(edge.database, "anna", Mark.READ, Which(up_to=n)) for n in range(6)),
        )
        busy = False

    await asyncio.gather(following(), changing())
    feed_now = await items(edge)
    assert sorted(mirror.values(), key=lambda item: item.change) == feed_now
    changes = [item.change for item in feed_now]
    assert len(set(changes)) == len(changes)
    assert sorted(mirror) == list(range(1, max(mirror) + 1))


async def test_forgetting_remembers_how_far(edge: Edge):
    await tell(edge.database, "anna", 4)
    await tell(edge.database, "bo", 1)
    await mark(edge.database, "anna", Mark.ARCHIVE, Which(up_to=2))
    await edge.change("UPDATE inbox SET archived_at = archived_at - interval '31 d'")
    await mark(edge.database, "anna", Mark.ARCHIVE, Which(up_to=3))
    before = await edge.database.tell_time() - timedelta(days=30)
    rounds = 0
    while True:
        async with edge.database.begin() as tx:
            remember, forget = feed.purge(EVERYWHERE, before, 1)
            if not await tx.run(remember):
                break
            await tx.run(forget)
        rounds += 1
    assert 1 <= rounds <= 2
    assert sorted(item.seq for item in await items(edge)) == [3, 4]
    assert len(await items(edge, "bo")) == 1
    async with edge.database.begin() as tx:
        assert (await tx.run(feed.numbers("anna"))).purged == 6
        assert (await tx.run(feed.numbers("bo"))).purged == 0
