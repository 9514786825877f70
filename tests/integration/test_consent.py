"""What people, organisations and categories want, from the row to the reason."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from models.pseudonyms import Pseudonyms
from models.queries.folding.suppressions import clear_copies, copies, lift, suppress
from models.queries.people import categories, preferences
from models.queries.people.categories import OrgChoice
from models.queries.sending import ledgers
from models.query import count, sql
from models.records import EVERY, Author, Category, Choice, Class, Suppression, Via
from scheduler.planning.profiles import drain
from tests.integration.test_sql_rules import counted  # noqa: F401 - a fixture
from tests.pipeline import Pipeline

ANNA = Author("recipient", Via.API)


async def choose(pipeline: Pipeline, *choices: Choice, author: Author = ANNA) -> int:
    async with pipeline.runtime.database.begin() as tx:
        return await tx.follow(preferences.choose(choices, author, pipeline.clock.now()))


async def describe(pipeline: Pipeline, category: Category) -> None:
    async with pipeline.runtime.database.begin() as tx:
        await tx.run(categories.save_category(category, pipeline.clock.now()))
    pipeline.forget_catalog()


async def org_wants(pipeline: Pipeline, choice: OrgChoice) -> None:
    async with pipeline.runtime.database.begin() as tx:
        await tx.run(categories.set_org_preference(choice, "ada", pipeline.clock.now()))
    pipeline.forget_catalog()


def history(pipeline: Pipeline) -> list[tuple[object, ...]]:
    return pipeline.rows(
        """SELECT category, channel, allowed, until IS NOT NULL, changed_by, via
             FROM preference_changes ORDER BY at, category, channel"""
    )


async def test_the_category_says_no_the_organisation_yes_and_anna_no(pipeline: Pipeline):
    await pipeline.topic(channels=("email",), klass=Class.PROMOTIONAL, category="offers")
    pipeline.people("anna", "bo", "cy", "dan")
    pipeline.run_sql("UPDATE recipients SET org = 'acme' WHERE recipient_id IN ('anna', 'bo')")
    await describe(pipeline, Category("offers", "Offers", defaults={"email": False}))
    await org_wants(pipeline, OrgChoice("acme", EVERY, "email", allowed=True))
    await choose(pipeline, Choice("anna", "offers", "email", allowed=False))
    await choose(pipeline, Choice("dan", "offers", EVERY, allowed=True))
    pipeline.emit(recipients=("anna", "bo", "cy", "dan"))
    await pipeline.run()
    assert pipeline.deliveries() == {
        ("anna", "email"): ("skipped", "opted_out"),
        ("bo", "email"): ("sent", None),
        ("cy", "email"): ("skipped", "not_opted_in"),
        ("dan", "email"): ("sent", None),
    }
    notes = dict(pipeline.rows("SELECT recipient_id, trace::text FROM deliveries"))
    for who, note in (("anna", "personal"), ("bo", "org"), ("cy", "category"), ("dan", "personal")):
        assert note in notes[who]
    pipeline.check()


async def test_a_mute_stops_all_but_critical_and_mandatory_news(pipeline: Pipeline):
    await pipeline.topic("news", channels=("email", "in_app"))
    await pipeline.topic("code", channels=("email",), klass=Class.CRITICAL)
    await pipeline.topic("invoice", channels=("email",), mandatory=True)
    pipeline.people("anna")
    await choose(pipeline, Choice("anna", EVERY, EVERY, allowed=False))
    for topic in ("news", "code", "invoice"):
        pipeline.emit(topic)
    await pipeline.run()
    await pipeline.send()
    found = pipeline.rows("SELECT topic, channel, state, reason FROM v_deliveries ORDER BY 1, 2")
    assert found == [
        ("code", "email", "sent", None),
        ("invoice", "email", "sent", None),
        ("news", "email", "skipped", "muted"),
        ("news", "in_app", "skipped", "muted"),
    ]


async def test_a_snooze_holds_the_mail_and_not_the_feed(pipeline: Pipeline):
    await pipeline.topic(channels=("email", "in_app"))
    pipeline.people("anna")
    until = pipeline.clock.now() + timedelta(hours=2)
    await choose(pipeline, Choice("anna", EVERY, EVERY, allowed=False, until=until))
    pipeline.emit()
    await pipeline.run()
    assert pipeline.deliveries() == {
        ("anna", "email"): ("scheduled", "snoozed"),
        ("anna", "in_app"): ("sent", None),
    }
    assert pipeline.value("SELECT due_at FROM queue") == until
    assert await pipeline.send() == 0
    pipeline.travel(hours=2)
    await pipeline.send()
    assert pipeline.deliveries()["anna", "email"] == ("sent", None)


async def test_what_expires_during_a_snooze_expires_then(pipeline: Pipeline):
    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    now = pipeline.clock.now()
    await choose(
        pipeline, Choice("anna", EVERY, EVERY, allowed=False, until=now + timedelta(hours=2))
    )
    pipeline.emit(expires_at=now + timedelta(hours=1))
    await pipeline.run()
    pipeline.travel(hours=1)
    await pipeline.send()
    assert pipeline.deliveries()["anna", "email"] == ("expired", "expired")


async def test_a_snooze_ended_early_lets_the_mail_go_at_once(pipeline: Pipeline):
    await pipeline.topic(channels=("email",))
    pipeline.people("anna", "bo")
    until = pipeline.clock.now() + timedelta(hours=2)
    for who in ("anna", "bo"):
        await choose(pipeline, Choice(who, EVERY, EVERY, allowed=False, until=until))
    pipeline.emit(recipients=("anna", "bo"))
    await pipeline.run()
    for _ in range(2):  # a crash before the second step leaves the first: both again do no harm
        await choose(pipeline, Choice("anna", EVERY, EVERY, None, until))
        await pipeline.runtime.database.run(preferences.wake_snoozed("anna", pipeline.clock.now()))
    await pipeline.send()
    assert pipeline.deliveries() == {
        ("anna", "email"): ("sent", None),
        ("bo", "email"): ("scheduled", "snoozed"),
    }


async def test_the_history_has_every_change_and_nothing_twice(pipeline: Pipeline):
    until = pipeline.clock.now() + timedelta(days=1)
    off = Choice("anna", "news", "email", allowed=False)
    changes = [
        off,
        off,
        Choice("anna", "news", "email", None),
        Choice("anna", "news", "email", None),
    ]
    changes += [Choice("anna", EVERY, EVERY, allowed=False, until=until)]
    for change in changes:
        await choose(pipeline, change)
    await choose(
        pipeline, Choice("anna", EVERY, EVERY, allowed=False), author=Author("ada", Via.CONSOLE)
    )
    assert history(pipeline) == [
        ("news", "email", False, False, "recipient", "api"),
        ("news", "email", None, False, "recipient", "api"),
        (EVERY, EVERY, False, True, "recipient", "api"),
        (EVERY, EVERY, False, False, "ada", "console"),
    ]


async def test_ending_a_snooze_leaves_a_mute(pipeline: Pipeline):
    mute = Choice("anna", EVERY, EVERY, allowed=False)
    await choose(pipeline, mute)
    assert await choose(pipeline, Choice("anna", EVERY, EVERY, None, pipeline.clock.now())) == 0
    assert await choose(pipeline, Choice("anna", EVERY, EVERY, None)) == 1


async def test_of_two_choices_for_one_place_the_last_one_counts(pipeline: Pipeline):
    off, on = (Choice("anna", "news", "email", allowed) for allowed in (False, True))
    assert await choose(pipeline, off, on) == 1
    assert pipeline.column("SELECT allowed FROM preferences") == [True]
    assert len(history(pipeline)) == 1


SCOPES = [
    (EVERY, EVERY, {"news": "skipped", "offers": "skipped"}),
    ("email", EVERY, {"news": "skipped", "offers": "skipped"}),
    ("email", "offers", {"news": "sent", "offers": "skipped"}),
    (EVERY, "offers", {"news": "sent", "offers": "skipped"}),
    ("sms", EVERY, {"news": "sent", "offers": "sent"}),
]


@pytest.mark.parametrize(("channel", "category", "ends"), SCOPES)
async def test_a_suppression_stops_what_its_scope_says_and_no_more(
    pipeline: Pipeline, channel: str, category: str, ends: dict[str, str]
):
    for topic in ends:
        await pipeline.topic(topic, channels=("email",), category=topic, mandatory=True)
    pipeline.people("anna")
    said = Suppression(channel, "anna@example.com", "complaint", "ada", None, category)
    async with pipeline.runtime.database.begin() as tx:
        await tx.follow(suppress(said, pipeline.clock.now()))
    for statement in copies(said):
        await pipeline.runtime.database.run(statement)
    for topic in ends:
        pipeline.emit(topic)
    await pipeline.run()
    await pipeline.send()
    assert dict(pipeline.rows("SELECT topic, state FROM v_deliveries")) == ends


async def test_lifting_one_scope_leaves_the_other_and_both_stay_in_the_history(pipeline: Pipeline):
    pipeline.people("anna")
    database, now = pipeline.runtime.database, pipeline.clock.now()
    all_, offers = (
        Suppression("email", "anna@example.com", "complaint", "ada", None, category)
        for category in (EVERY, "offers")
    )
    for said in (all_, all_, offers):
        async with database.begin() as tx:
            await tx.follow(suppress(said, now))
        for statement in copies(said):
            await database.run(statement)
    for _ in range(2):
        async with database.begin() as tx:
            await tx.follow(lift(all_.place, "bo", "asked for it", now))
        await database.run(clear_copies(all_.place))
    assert list(pipeline.value("SELECT suppressed FROM addresses")) == ["email/offers"]
    found = pipeline.rows(
        "SELECT category, change, reason, source FROM suppression_changes ORDER BY 1, 2 DESC"
    )
    assert found == [
        (EVERY, "suppressed", "complaint", "ada"),
        (EVERY, "lifted", "asked for it", "bo"),
        ("offers", "suppressed", "complaint", "ada"),
    ]


async def test_ending_a_snooze_waits_for_whoever_decides_by_it_just_now(pipeline: Pipeline):
    """Else the row would be held by a snooze that is over, until its old end."""
    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    until = pipeline.clock.now() + timedelta(hours=2)
    snooze = Choice("anna", EVERY, EVERY, allowed=False, until=until)
    await choose(pipeline, snooze)
    pipeline.emit()
    await pipeline.plan()
    database, ended = pipeline.runtime.database, asyncio.Event()

    async def end() -> None:
        await choose(pipeline, replace(snooze, allowed=None))
        ended.set()
        await database.run(preferences.wake_snoozed("anna", pipeline.clock.now()))

    async with database.begin() as tx:
        await tx.run(ledgers.lock_ledgers({"anna"}))
        ending = asyncio.create_task(end())
        while not pipeline.rows("SELECT 1 FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not ended.is_set()
        await tx.run(sql("UPDATE queue SET held_for = 'snoozed', due_at = :at", count, at=until))
    await ending
    assert pipeline.row("SELECT held_for, due_at < %s FROM queue", until) == (None, True)


async def test_two_who_choose_for_one_person_at_once_both_are_heard(pipeline: Pipeline):
    pairs = [("a", "b"), ("b", "a")] * 5
    everyone = [
        choose(pipeline, *(Choice("anna", key, "email", place == number % 2) for place, key in
                           enumerate(pair)))
        for number, pair in enumerate(pairs)
    ]  # fmt: skip
    await asyncio.gather(*everyone)
    assert pipeline.value("SELECT count(*) FROM preferences") == 2


async def test_an_address_added_later_is_born_with_every_scope(pipeline: Pipeline):
    said = [
        Suppression(channel, "anna@example.com", "law", "ada", None, category)
        for channel, category in ((EVERY, "news"), ("email", "offers"), ("sms", EVERY))
    ]
    database, now = pipeline.runtime.database, pipeline.clock.now()
    for each in said:
        async with database.begin() as tx:
            await tx.follow(suppress(each, now))
    accepts = {"email": lambda address: address}
    pipeline.run_sql(
        "INSERT INTO recipient_changes (recipient_id, profile) VALUES ('anna', %s)",
        Jsonb({"addresses": [{"channel": "email", "address": "anna@example.com"}]}),
    )
    await drain(database, accepts, Pseudonyms((b"k",)), 10)
    assert set(pipeline.value("SELECT suppressed FROM addresses")) == {"*/news", "email/offers"}


async def test_organisations_are_asked_only_where_one_has_a_default(
    counted: tuple[Pipeline, list[str]],  # noqa: F811
):
    pipeline, seen = counted
    await pipeline.topic(channels=("email",))
    people = [f"r{number}" for number in range(20)]
    pipeline.people(*people)
    pipeline.run_sql("UPDATE recipients SET org = recipient_id")

    async def asked() -> int:
        pipeline.emit(recipients=tuple(people))
        await pipeline.plan()
        seen.clear()
        await pipeline.send()
        return sum("FROM org_preferences WHERE" in each for each in seen)

    assert await asked() == 0
    await org_wants(pipeline, OrgChoice("r1", EVERY, EVERY, allowed=False))
    assert await asked() == 1, "once for all of them"
    ends = dict(pipeline.rows("SELECT recipient_id, reason FROM deliveries ORDER BY created_at"))
    assert ends == {**dict.fromkeys(people), "r1": "not_opted_in"}
