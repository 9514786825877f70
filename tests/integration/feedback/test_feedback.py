"""What comes back: from a vendor's signed post to states, counts and suppressions."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from models.states import DeliveryState
from scheduler.folding import feedback
from tests.edge import Edge
from tests.integration.test_doubt import doubtful
from tests.pipeline import Pipeline, exhausted
from tests.vendors import generic


def event(delivery: UUID | str, kind: str, **more: Any) -> dict[str, Any]:
    """One event in our own words."""
    told = {"kind": kind, "delivery_id": str(delivery), "occurred_at": "2026-01-31T12:00:00Z"}
    return {**told, "id": f"{kind}-{delivery}", **more}


HARD = {"bounce": "invalid_recipient", "text": "550 5.1.1 no such user"}


async def tell(edge: Edge, *events: dict[str, Any]) -> None:
    """Post events; they must be taken."""
    now = await edge.database.tell_time()
    response = await generic({"events": list(events)}, now).to(edge.http)
    assert response.status_code == 204, response.text


async def fold(pipeline: Pipeline) -> int:
    return await exhausted(lambda: feedback.step(pipeline.runtime))


async def sent(pipeline: Pipeline, recipient: str = "anna", **topic: Any) -> UUID:
    """A mail that was handed over."""
    await pipeline.topic(channels=("email",), words="x", **topic)
    pipeline.people(recipient)
    pipeline.emit(recipients=(recipient,))
    await pipeline.plan()
    await pipeline.send()
    found: UUID = pipeline.value(
        "SELECT delivery_id FROM deliveries WHERE recipient_id = %s", recipient
    )
    assert pipeline.value("SELECT state FROM deliveries WHERE delivery_id = %s", found) == "sent"
    return found


def kept(pipeline: Pipeline) -> list[str]:
    return pipeline.column("SELECT kind FROM feedback ORDER BY kind")


def suppressed(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    """(address, category, reason, whether it ends), and that the copies say the same."""
    found = pipeline.rows(
        """SELECT address, category, reason, expires_at IS NOT NULL FROM suppressions
            ORDER BY 1, 2"""
    )
    copied = pipeline.rows(
        """SELECT address, split_part(e.key, '/', 2), e.value ->> 'reason',
                  e.value ->> 'until' IS NOT NULL
             FROM addresses, jsonb_each(suppressed) e ORDER BY 1, 2"""
    )
    assert copied == found
    return found


async def test_delivered_moves_it_and_is_kept(pipeline: Pipeline, edge: Edge):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "delivered"))
    assert await fold(pipeline) == 1
    assert pipeline.deliveries() == {("anna", "email"): ("delivered", None)}
    assert kept(pipeline) == ["delivered"]
    assert pipeline.rows("SELECT * FROM feedback_waiting") == []
    assert suppressed(pipeline) == []
    timed = "SELECT channel, provider, destination, kind, count FROM reaction_times"
    assert pipeline.rows(timed) == [("email", "smtp", "other", "delivered", 1)]


async def test_a_bounce_says_why_and_the_address_rests_at_once(pipeline: Pipeline, edge: Edge):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "bounced", **HARD))
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("bounced", "address_refused")}
    assert pipeline.value("SELECT detail FROM deliveries") == "550 5.1.1 no such user"
    assert suppressed(pipeline) == [("anna@example.com", "*", "address_refused", False)]
    pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    assert ("skipped",) in pipeline.rows("SELECT state FROM v_deliveries")


@pytest.mark.parametrize("after", ["each", "all"])
async def test_any_order_any_number_of_times_comes_to_the_same(
    pipeline: Pipeline, edge: Edge, after: str
):
    orders = list(permutations(range(3)))
    people = tuple(f"p{number}" for number in range(len(orders)))
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people(*people)
    pipeline.emit(recipients=people)
    await pipeline.plan()
    await pipeline.send()
    ids = dict(pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries"))
    for turn in (*range(3), *range(3)):
        for person, order in zip(people, orders, strict=True):
            delivery = ids[person]
            told = (
                event(delivery, "delivered"), event(delivery, "bounced", **HARD),
                event(delivery, "opened"),
            )  # fmt: skip
            await tell(edge, told[order[turn]])
        if after == "each":
            await fold(pipeline)
    await fold(pipeline)
    assert set(pipeline.deliveries().values()) == {("bounced", "address_refused")}
    assert kept(pipeline) == ["bounced"] * 6 + ["delivered"] * 6 + ["opened"] * 6
    assert pipeline.value("SELECT count(*) FROM suppression_changes") == 6


async def test_a_known_event_does_not_suppress_again_what_was_lifted(
    pipeline: Pipeline, edge: Edge
):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "complained"))
    await fold(pipeline)
    assert suppressed(pipeline) == [("anna@example.com", "*", "complaint", False)]
    pipeline.run_sql("DELETE FROM suppressions")
    pipeline.run_sql("UPDATE addresses SET suppressed = NULL")
    await tell(edge, event(delivery, "complained"))
    await fold(pipeline)
    assert suppressed(pipeline) == []


async def test_a_complaint_is_counted_and_moves_nothing(pipeline: Pipeline, edge: Edge):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "complained"))
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert pipeline.rows(
        """SELECT entered, "left", provider, destination FROM rollups WHERE state = 'complained'"""
    ) == [(1, 1, "smtp", "other")]


@pytest.mark.parametrize("bounce", ["policy", "content", "protocol", "unknown"])
async def test_our_own_faults_suppress_nobody(pipeline: Pipeline, edge: Edge, bounce: str):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "bounced", bounce=bounce))
    await fold(pipeline)
    assert pipeline.value("SELECT state FROM deliveries") == "bounced"
    assert suppressed(pipeline) == []


async def test_a_deferral_that_a_vendor_tells_later_slows_its_destination_down(
    pipeline: Pipeline, edge: Edge
):
    delivery = await sent(pipeline)
    asked = event(delivery, "deferred", status="4.7.28", text="450 4.7.28 unusual rate")
    await tell(edge, {**asked, "recipient": "anna@example.com"})
    await fold(pipeline)
    await pipeline.runtime.roads.reread(pipeline.runtime.database)
    assert pipeline.rows("SELECT account, destination, per_minute, last_error FROM paces") == [
        ("mailbox", "example.com", 300, "450 4.7.28 unusual rate")
    ]


async def test_what_is_in_doubt_is_settled_by_its_feedback(pipeline: Pipeline, edge: Edge):
    await doubtful(pipeline)
    delivery = pipeline.value("SELECT delivery_id FROM deliveries")
    await tell(edge, event(delivery, "delivered"))
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("delivered", None)}
    assert pipeline.value("SELECT sent_at FROM deliveries") is not None


@pytest.mark.parametrize(("kind", "reason"), [("delivered", None), ("bounced", "address_refused")])
async def test_what_would_go_again_is_settled_and_does_not(
    pipeline: Pipeline, edge: Edge, kind: str, reason: str | None
):
    await doubtful(pipeline, on_doubt="resend")
    delivery = pipeline.value("SELECT delivery_id FROM deliveries")
    told = event(delivery, kind, recipient="anna@EXAMPLE.com", **(HARD if reason else {}))
    await tell(edge, told)
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): (kind, reason)}
    pipeline.travel(hours=1)
    assert await pipeline.send() == 0
    assert pipeline.row("SELECT account, provider, address FROM deliveries") == (
        "mailbox", "smtp", "anna@example.com",
    )  # fmt: skip
    assert [address for address, *_ in suppressed(pipeline)] == ["anna@example.com"] * bool(reason)


async def test_feedback_waits_for_our_own_record(pipeline: Pipeline, edge: Edge):
    held, go = asyncio.Event(), asyncio.Event()

    async def slow(_: Any) -> bytes:
        held.set()
        await go.wait()
        return b"250 2.0.0 taken"

    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.mail.dot = slow
    sending = asyncio.create_task(pipeline.send())
    await held.wait()
    delivery = pipeline.value("SELECT delivery_id FROM queue")
    await tell(edge, event(delivery, "delivered"))
    assert await fold(pipeline) == 0
    assert pipeline.value("SELECT count(*) FROM feedback_waiting") == 1
    go.set()
    await sending
    pipeline.travel(seconds=3)
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("delivered", None)}
    assert pipeline.value("SELECT message_id FROM deliveries") is not None


async def test_feedback_on_what_was_never_sent_is_kept_and_moves_nothing(
    pipeline: Pipeline, edge: Edge
):
    await pipeline.topic(channels=("email",), words="x")
    pipeline.emit(recipients=("nobody",))
    await pipeline.plan()
    await pipeline.send()
    delivery = pipeline.value("SELECT delivery_id FROM deliveries")
    state = pipeline.value("SELECT state FROM v_deliveries")
    await tell(edge, event(delivery, "delivered"))
    await fold(pipeline)
    assert pipeline.value("SELECT state FROM v_deliveries") == state == DeliveryState.SKIPPED
    assert kept(pipeline) == ["delivered"]


async def test_what_is_about_nothing_we_know_is_kept_apart(pipeline: Pipeline, edge: Edge):
    delivery = await sent(pipeline)
    elsewhere = UUID(int=delivery.int ^ 1)
    await tell(edge, event(elsewhere, "bounced", **HARD), event("no id", "bounced", **HARD))
    await tell(edge, event("no id", "bounced", **HARD))
    await fold(pipeline)
    assert pipeline.value("SELECT count(*) FROM feedback_unmatched") == 2
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert suppressed(pipeline) == []


async def test_enough_soft_bounces_within_the_while_let_an_address_rest(
    pipeline: Pipeline, edge: Edge
):
    await sent(pipeline)
    for _ in range(4):
        pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    for delivery in pipeline.column("SELECT delivery_id FROM deliveries"):
        assert suppressed(pipeline) == []
        for _ in range(2):
            await tell(edge, event(delivery, "bounced", bounce="quota"))
            await fold(pipeline)
    assert suppressed(pipeline) == [("anna@example.com", "*", "soft_bounces", True)]


async def test_what_arrives_pardons_what_came_back_before(pipeline: Pipeline, edge: Edge):
    pipeline.runtime.settings.soft_bounces = 2
    await sent(pipeline)
    pipeline.emit()
    pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    first, second, third = pipeline.column("SELECT delivery_id FROM deliveries")
    for told in (
        event(first, "bounced", bounce="quota"),
        event(second, "delivered"),
        event(third, "bounced", bounce="quota"),
    ):
        await tell(edge, told)
        await fold(pipeline)
    assert suppressed(pipeline) == []


async def test_soft_bounces_long_ago_do_not_count(pipeline: Pipeline, edge: Edge):
    pipeline.runtime.settings.soft_bounces = 2
    first = await sent(pipeline)
    pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    (second,) = pipeline.column("SELECT delivery_id FROM deliveries WHERE delivery_id <> %s", first)
    await tell(edge, event(first, "bounced", bounce="transient"))
    await fold(pipeline)
    pipeline.travel(days=15)
    await tell(edge, event(second, "bounced", bounce="transient"))
    await fold(pipeline)
    assert suppressed(pipeline) == []


async def test_one_that_wants_no_more_gets_no_more_of_that_category(pipeline: Pipeline, edge: Edge):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "unsubscribed"))
    await fold(pipeline)
    assert suppressed(pipeline) == [("anna@example.com", "news", "unsubscribed", False)]


async def test_a_sensitive_topic_keeps_no_words(pipeline: Pipeline, edge: Edge):
    delivery = await sent(pipeline, sensitive=True)
    await tell(edge, event(delivery, "bounced", bounce="content", text="493817 is spam"))
    await fold(pipeline)
    assert pipeline.value("SELECT detail FROM deliveries") is None
    assert "493817" not in str(pipeline.value("SELECT detail FROM feedback"))


async def test_a_crash_before_the_commit_changes_nothing_and_the_next_run_does_it(
    pipeline: Pipeline, edge: Edge
):
    delivery = await sent(pipeline)
    await tell(edge, event(delivery, "bounced", **HARD))
    pipeline.run_sql("ALTER TABLE suppressions RENAME TO away")
    with pytest.raises(Exception, match="suppressions"):
        await fold(pipeline)
    pipeline.run_sql("ALTER TABLE away RENAME TO suppressions")
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert kept(pipeline) == []
    await fold(pipeline)
    assert suppressed(pipeline) == [("anna@example.com", "*", "address_refused", False)]


async def test_two_workers_fold_the_same_flood_once(workers: Any, edge: Edge):
    one, other = await workers(), await workers()
    delivery = await sent(one)
    many = [event(delivery, "deferred", id=f"d{number}") for number in range(200)]
    await tell(edge, *many, *many[:50], event(delivery, "delivered"))
    await asyncio.gather(*(feedback.step(each.runtime) for each in (one, other)))
    await fold(one)
    assert one.value("SELECT count(*) FROM feedback") == 201
    assert one.deliveries() == {("anna", "email"): ("delivered", None)}


async def test_a_signature_that_is_old_or_wrong_is_refused(edge: Edge):
    now = await edge.database.tell_time()
    body = event("x", "bounced")
    old = generic(body, now - timedelta(minutes=6))
    assert (await old.to(edge.http)).status_code == 401
    ahead = generic(body, now + timedelta(minutes=6))
    assert (await ahead.to(edge.http)).status_code == 401
    good = generic(body, now)
    forged = type(good)(good.provider, good.headers, good.body + b" ")
    assert (await forged.to(edge.http)).status_code == 401
    bare = type(good)(good.provider, {}, good.body)
    assert (await bare.to(edge.http)).status_code == 401
    assert await edge.select("SELECT * FROM feedback_waiting") == []
    assert (await good.to(edge.http)).status_code == 204


async def test_what_is_too_large_unreadable_or_for_nobody_says_so(edge: Edge):
    now = await edge.database.tell_time()
    large = generic({"kind": "x" * 1_100_000}, now)
    assert (await large.to(edge.http)).status_code == 413
    for body in ([1], {"events": [1]}, {"kind": "sent"}, event("x", "sent", occurred_at="soon")):
        assert (await generic(body, now).to(edge.http)).status_code == 422, body
    nobody = type(large)("mailgun", {}, b"{}")
    assert (await nobody.to(edge.http)).status_code == 404
    assert (await type(large)("no_one", {}, b"{}").to(edge.http)).status_code == 404
