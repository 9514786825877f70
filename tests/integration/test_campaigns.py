"""A campaign from its launch to its end: each recipient exactly once, whatever is done twice."""

import json
from collections import Counter

import pytest

from models.ids import bucket_of
from models.queries.campaigns import orders
from models.queries.campaigns.orders import NotNowError
from models.records import RunKind, TemplateVersion
from scheduler.campaigns import recurring
from tests.campaigns import advanced, audience, draft, launch, order, state
from tests.pipeline import MJML, Pipeline

PEOPLE = ("anna", "bo", "cy", "dee")


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    """A topic of mail, and people."""
    await pipeline.topic("news", channels=("email",), words="{{ data.board }}")
    pipeline.people(*PEOPLE)
    return pipeline


async def go(news: Pipeline) -> None:
    """From the launch to the mail server, the minute to take it back being over."""
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    await news.send()


def to(news: Pipeline) -> list[str]:
    """To whom mails came, each as often as it did."""
    return [kept.recipient for kept in news.mail.kept]


async def test_everybody_gets_it_once_and_it_is_finished(news: Pipeline):
    await draft(news, recipients=PEOPLE, data={"board": "Spring"})
    await launch(news)
    await advanced(news)
    assert (state(news), news.deliveries()) == ("scheduled", {})
    await go(news)
    assert sorted(to(news)) == sorted(f"{who}@example.com" for who in PEOPLE)
    assert state(news) == "running"
    await advanced(news)
    assert state(news) == "finished"
    assert news.rows("SELECT DISTINCT campaign, cohort FROM deliveries") == [("spring", "1/first/")]
    counted = "SELECT sum(entered - \"left\") FROM rollups WHERE cohort = '1/first/'"
    assert news.value(counted + " AND state = 'sent'") == len(PEOPLE)
    news.check()


async def test_a_launch_that_is_repeated_is_refused(news: Pipeline):
    await draft(news, recipients=PEOPLE)
    await launch(news)
    with pytest.raises(NotNowError, match="is scheduled: only what is draft can be launched"):
        await launch(news)


async def test_a_launch_can_be_taken_back_until_it_goes(news: Pipeline):
    await draft(news, recipients=PEOPLE)
    await launch(news)
    await advanced(news)
    await order(news, orders.undo)
    await go(news)
    assert (state(news), news.deliveries()) == ("draft", {})
    await launch(news)
    await go(news)
    with pytest.raises(NotNowError, match="has begun"):
        await order(news, orders.undo)
    assert len(news.deliveries()) == len(PEOPLE)


async def test_nothing_leaves_while_it_is_paused_and_all_of_it_after(news: Pipeline):
    await draft(news, recipients=PEOPLE)
    await launch(news)
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    await order(news, orders.pause)
    news.forget_catalog()
    await news.send()
    assert set(news.deliveries().values()) == {("scheduled", "paused")}
    await order(news, orders.resume)
    news.forget_catalog()
    await news.wake()
    await news.send()
    assert len(to(news)) == len(PEOPLE)


async def test_what_waits_is_cancelled_and_what_is_not_planned_never_comes(news: Pipeline):
    await draft(news, recipients=PEOPLE, schedule={"per_minute": 1})
    await launch(news)
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    await order(news, orders.cancel)
    await advanced(news)
    news.travel(hours=1)
    await advanced(news)
    assert state(news) == "cancelled"
    assert {state for state, _ in news.deliveries().values()} == {"cancelled"}
    assert news.value("SELECT count(*) FROM campaign_runs WHERE state = 'cancelled'") == 1
    news.check()


async def test_one_address_gets_one_message(news: Pipeline):
    with news.make() as make:
        make.recipient("anna2")
        make.address("anna2", "ANNA@example.com")
    await draft(news, recipients=(*PEOPLE, "anna2"))
    await launch(news)
    await go(news)
    assert len(to(news)) == len(PEOPLE)
    excluded = "SELECT count(*) FROM campaign_members WHERE excluded = 'same_address'"
    assert news.value(excluded) == 1


async def test_the_version_is_the_one_that_was_live_at_the_launch(news: Pipeline):
    await draft(news, recipients=("anna",), data={"board": "old"})
    await launch(news)
    await advanced(news)
    changed = TemplateVersion("news-email", 2, "email", "New", MJML.format("changed since"))
    await news.template(changed)
    await go(news)
    assert "Subject: old" in news.mail.kept[0].content.decode()


async def test_who_came_since_gets_it_and_nobody_else(news: Pipeline):
    await draft(news, recipients=PEOPLE)
    await launch(news)
    await go(news)
    await advanced(news)
    await extended(news, "eve")
    assert (state(news), len(to(news))) == ("scheduled", len(PEOPLE))
    await go(news)
    assert sorted(to(news)) == sorted(f"{who}@example.com" for who in (*PEOPLE, "eve"))
    await advanced(news)
    assert state(news) == "finished"


async def extended(news: Pipeline, *more: str) -> None:
    """A campaign whose recipients are more now, launched for the new ones."""
    news.people(*more)
    listed = json.dumps({"recipients": [*PEOPLE, *more]})
    news.run_sql("UPDATE campaign_runs SET document = document || CAST(%s AS jsonb)", listed)
    await launch(news, RunKind.EXTEND)


async def test_only_whom_it_failed_for_gets_it_again_in_mended_words(news: Pipeline):
    broken = "{% if recipient.id == 'bo' %}{{ data.nothing.more }}{% endif %}"
    said = [{"key": "first", "templates": {"email": "words"}}]
    await news.template(TemplateVersion("words", 1, "email", "Hi", MJML.format(broken)))
    await draft(news, recipients=PEOPLE, steps=said)
    await launch(news)
    await go(news)
    await advanced(news)
    assert len(to(news)) == len(PEOPLE) - 1
    await news.template(TemplateVersion("words", 2, "email", "Hi", MJML.format("mended")))
    await launch(news, RunKind.RETRY)
    await go(news)
    assert Counter(to(news)) == {f"{who}@example.com": 1 for who in PEOPLE}


async def test_who_opened_it_is_not_sent_it_again(news: Pipeline):
    await draft(news, recipients=PEOPLE)
    await launch(news)
    await go(news)
    await advanced(news)
    (opened,) = news.column("SELECT delivery_id FROM deliveries WHERE recipient_id = 'cy'")
    news.run_sql(
        "INSERT INTO feedback (bucket, day, delivery_id, vendor, vendor_event_id, kind,"
        " occurred_at, received_at, detail) SELECT bucket, day, delivery_id, 'tidings', 'o',"
        " 'opened', now(), now(), '{\"by\": \"person\"}' FROM deliveries WHERE delivery_id = %s",
        opened,
    )
    await launch(news, RunKind.RESEND)
    await go(news)
    assert Counter(to(news)) == {f"{who}@example.com": 1 if who == "cy" else 2 for who in PEOPLE}


async def test_a_sequence_goes_on_until_its_goal_is_reached(news: Pipeline):
    steps = [{"key": "first"}, {"key": "second", "after": "3 days"}]
    await draft(news, recipients=PEOPLE, steps=steps, goal={"conversion": "bought"})
    await launch(news)
    await go(news)
    bucket = bucket_of("bo")
    news.run_sql(
        "INSERT INTO conversions (bucket, conversion_id, recipient_id, name, occurred_at,"
        " received_at) VALUES (%s, gen_random_uuid(), 'bo', 'bought', %s, now())",
        bucket, news.clock.now(),
    )  # fmt: skip
    news.travel(days=3)
    await advanced(news)
    await news.send()
    assert Counter(to(news)) == {f"{who}@example.com": 1 if who == "bo" else 2 for who in PEOPLE}
    assert news.row("SELECT state, reason FROM deliveries WHERE reason IS NOT NULL") == (
        "skipped", "goal_reached",
    )  # fmt: skip
    await advanced(news)
    assert state(news) == "finished"
    news.check()


MANY = tuple(f"r{number}" for number in range(60))


async def test_a_canary_that_fails_stops_the_rest(news: Pipeline):
    news.people(*MANY)
    with news.make() as make:
        make.person("op@example.com", "operator")
    bad = TemplateVersion("bad", 1, "email", "{{ data.nothing.more }}", MJML.format("x"))
    await news.template(bad)
    said = [{"key": "first", "templates": {"email": "bad"}}]
    await draft(news, recipients=MANY, steps=said, canary={"share": 50, "after": "10 min"})
    await launch(news)
    await go(news)
    news.travel(minutes=11)
    await advanced(news)
    canary = news.value("SELECT count(*) FROM deliveries")
    assert 0 < canary < len(MANY)
    why = news.value("SELECT why FROM campaigns")
    assert (state(news), why) == ("paused", "Of its canary 100.0% failed, more than 5 %.")
    paused = "SELECT actor, detail->>'reason' FROM audit WHERE action = 'paused a campaign'"
    assert news.rows(paused) == [("tidings", why)]
    told = "SELECT data->>'campaign', data->>'why' FROM outbox WHERE topic = 'tidings.campaign'"
    assert news.rows(told) == [("spring", why)]


async def test_a_canary_of_which_little_is_known_is_waited_for(news: Pipeline):
    news.people(*MANY)
    await draft(news, recipients=MANY, canary={"share": 50, "after": "10 min"})
    await launch(news)
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    canary = news.value("SELECT count(*) FROM deliveries")
    news.travel(minutes=11)
    await advanced(news)
    assert news.value("SELECT count(*) FROM deliveries") == canary < len(MANY)
    while await news.send():
        pass
    await advanced(news)
    assert news.value("SELECT count(*) FROM deliveries") == len(MANY)


async def test_the_rest_gets_the_variant_that_won(news: Pipeline):
    news.people(*MANY)
    await draft(
        news, recipients=MANY, variants=[{"key": "a"}, {"key": "b"}],
        winner={"share": 50, "after": "1 h", "by": "clicked"},
    )  # fmt: skip
    await launch(news)
    await go(news)
    tested = news.value("SELECT count(*) FROM deliveries")
    news.run_sql(
        "INSERT INTO rollups (bucket, batch, minute, topic, channel, provider, destination, class,"
        ' state, reason, campaign, cohort, entered, "left") VALUES (0, gen_random_uuid(), now(),'
        " 'news', 'email', '', '', 'transactional', 'clicked', 'person', 'spring', '1/first/b',"
        " 3, 3)"
    )
    news.travel(minutes=61)
    await advanced(news)
    rest = news.column("SELECT cohort FROM deliveries WHERE cohort = '1/first/b'")
    assert news.value("SELECT count(*) FROM deliveries") == len(MANY) > tested
    assert news.value("SELECT winner FROM campaign_runs") == "b"
    assert len(rest) > len(MANY) - tested


async def test_each_moment_of_a_recurring_campaign_is_one_run(news: Pipeline):
    await draft(news, recipients=("anna",), schedule={"cron": "0 9 * * *"})
    await launch(news)
    assert state(news) == "scheduled"
    for _ in range(2):
        news.travel(hours=24)
        assert [await recurring.recur(news.runtime) for _ in range(2)] == [1, 0]
        await go(news)
    assert to(news) == ["anna@example.com"] * 2
    assert news.value("SELECT count(DISTINCT occasion) FROM campaign_runs") == 2
    await order(news, orders.cancel)
    news.travel(hours=24)
    assert await recurring.recur(news.runtime) == 0


async def test_a_saved_audience_is_frozen_as_it_is_at_the_launch(news: Pipeline):
    await audience(news, "swedes", "eve", "finn")
    await draft(news, recipients=(), audience="swedes")
    await launch(news)
    await advanced(news)
    news.run_sql("UPDATE recipients SET locale = 'sv'")
    await go(news)
    assert sorted(to(news)) == ["eve@example.com", "finn@example.com"]
