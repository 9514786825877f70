"""What a person's word about doubt does: once, audited, by whoever is first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import pytest

from delivery.again import by_person
from models.database import SyncDatabase
from models.queries.configuring import catalog
from models.queries.repairing.interventions import Intervention
from models.queries.repairing.orders import Order, carry_out
from models.states import DeliveryState as D, Resolution
from tests.integration.test_doubt import counted, doubtful
from tests.mail_servers import Client
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]

IN_DOUBT = frozenset({D.IN_DOUBT})


def order(
    pipeline: Pipeline, ids: Sequence[UUID], resolution: Resolution, states: frozenset[D] = IN_DOUBT
) -> Intervention:
    """Carry an order out in one transaction, as console and command line do."""
    database = SyncDatabase.connect(pipeline.url, "tests", 1)
    try:
        now = pipeline.clock.now()
        with database.begin() as tx:
            compose = by_person(tx.run(catalog.topics()), now)
            return tx.follow(carry_out(ids, Order(resolution, states, "ada@x", compose, now)))
    finally:
        database.close()


def only(pipeline: Pipeline) -> UUID:
    found: UUID = pipeline.value("SELECT delivery_id FROM deliveries")
    return found


def audit(pipeline: Pipeline) -> list[tuple[object, ...]]:
    return pipeline.rows("SELECT actor, action, subject FROM audit ORDER BY at")


async def refuse(_: Client) -> bytes:
    return b"554 5.7.1 spam"


async def refused(pipeline: Pipeline) -> None:
    """Send what is due to a server that refuses it."""
    pipeline.mail.dot = refuse
    await pipeline.send()
    del pipeline.mail.__dict__["dot"]


@pytest.mark.parametrize(
    ("resolution", "end", "did"),
    [
        (Resolution.SENT, ("sent", None), "said it was sent"),
        (Resolution.AGAIN, ("scheduled", None), "sent again"),
        (Resolution.CANCEL, ("cancelled", None), "cancelled"),
    ],
)
async def test_a_persons_word_resolves_doubt_once(
    pipeline: Pipeline, resolution: Resolution, end: tuple[str, None], did: str
):
    await doubtful(pipeline)
    delivery = only(pipeline)
    first = order(pipeline, [delivery], resolution)
    second = order(pipeline, [delivery], resolution)
    assert (first.done, second.done) == ({delivery}, frozenset())
    assert pipeline.deliveries() == {("anna", "email"): end}
    assert counted(pipeline, "in_doubt") == (1, 1)
    assert audit(pipeline) == [("ada@x", did, str(delivery))]


async def test_what_is_said_to_be_sent_was_sent_when_doubt_began(pipeline: Pipeline):
    await doubtful(pipeline)
    began = pipeline.value("SELECT settled_at FROM deliveries")
    pipeline.travel(hours=1)
    order(pipeline, [only(pipeline)], Resolution.SENT)
    assert pipeline.value("SELECT sent_at FROM deliveries") == began


async def test_what_is_sent_again_counts_on_and_gets_a_fresh_life(pipeline: Pipeline):
    await doubtful(pipeline)
    message_id = pipeline.value("SELECT message_id FROM deliveries")
    pipeline.travel(days=5)  # long after it was useful
    order(pipeline, [only(pipeline)], Resolution.AGAIN)
    assert pipeline.row("SELECT attempt, tries, crashes, doubts FROM queue") == (1, 0, 0, 1)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert pipeline.rows("SELECT attempt, outcome FROM attempts ORDER BY 1") == [
        (1, "in_doubt"), (2, "sent"),
    ]  # fmt: skip
    assert pipeline.value("SELECT message_id FROM deliveries") == message_id


@pytest.mark.parametrize(
    ("resolution", "end"), [(Resolution.SENT, "sent"), (Resolution.CANCEL, "cancelled")]
)
async def test_a_persons_word_stops_what_would_go_again(
    pipeline: Pipeline, resolution: Resolution, end: str
):
    await doubtful(pipeline, on_doubt="resend")
    delivery = only(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "doubt")}
    first = order(pipeline, [delivery], resolution)
    second = order(pipeline, [delivery], resolution)
    assert (first.done, second.done) == ({delivery}, frozenset())
    assert pipeline.row("SELECT state, attempts FROM deliveries") == (end, 1)
    pipeline.travel(hours=1)
    assert await pipeline.send() == 0
    assert pipeline.column("SELECT detail FROM audit") == [{"were": {"scheduled: doubt": 1}}]


async def test_what_only_waits_is_not_settled_by_a_word(pipeline: Pipeline):
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    assert order(pipeline, [only(pipeline)], Resolution.SENT).done == frozenset()
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", None)}


async def test_of_two_people_at_once_one_is_first(pipeline: Pipeline):
    await doubtful(pipeline)
    delivery = only(pipeline)
    said = (Resolution.SENT, Resolution.AGAIN, Resolution.CANCEL) * 3
    came = await asyncio.gather(
        *(asyncio.to_thread(order, pipeline, [delivery], resolution) for resolution in said)
    )
    done = [resolution for resolution, one in zip(said, came, strict=True) if one.done]
    # Before what goes again has gone, another person may still say what became of it.
    ends = [each for each in done if each is not Resolution.AGAIN]
    words = {Resolution.SENT: "sent", Resolution.CANCEL: "cancelled"}
    state = words[ends[0]] if ends else "scheduled"
    assert pipeline.deliveries() == {("anna", "email"): (state, None)}
    assert (len(ends) <= 1, done.count(Resolution.AGAIN) <= 1) == (True, True)
    assert len(audit(pipeline)) == len(done)
    assert counted(pipeline, "in_doubt") == (1, 1)


async def test_an_order_that_stops_before_its_end_changed_nothing(pipeline: Pipeline):
    await doubtful(pipeline)
    before = pipeline.deliveries()
    database = SyncDatabase.connect(pipeline.url, "tests", 1)
    now = pipeline.clock.now()
    given = Order(Resolution.AGAIN, IN_DOUBT, "ada@x", by_person({}, now), now)

    def die() -> None:
        with database.begin() as tx:
            assert tx.follow(carry_out([only(pipeline)], given)).done
            raise RuntimeError("the process dies before the commit")

    with pytest.raises(RuntimeError):
        die()
    database.close()
    assert pipeline.deliveries() == before
    assert audit(pipeline) == []


async def test_what_a_person_sends_again_may_still_have_arrived(pipeline: Pipeline):
    await doubtful(pipeline)
    order(pipeline, [only(pipeline)], Resolution.AGAIN)
    await refused(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "not_resent")}
