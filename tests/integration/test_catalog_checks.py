"""Configuration is written in SQL, too: what would stop the ticks is refused, or left out."""

import psycopg
import pytest

from models.queries.keeping import checkup
from models.records import Class
from models.schema import upgrade
from tests.pipeline import Pipeline

TOPIC = """
    INSERT INTO topics (topic, title, category, class, dedup_window, mandatory, sensitive,
                        on_doubt, updated_at)
    VALUES ('t', 'T', %(category)s, %(klass)s, '1 day', false, false, %(on_doubt)s, now())
"""
GOOD = {"category": "news", "klass": "critical", "on_doubt": "hold"}
BEFORE = "ALTER TABLE topics DROP CONSTRAINT {}"
"""As it was before the CHECKs, when anything could be written."""


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"klass": "urgent"}, "class_is_critical_transactional_or_promotional"),
        ({"on_doubt": "maybe"}, "on_doubt_is_resend_or_hold"),
        ({"category": "c" * 256}, "category_has_1_to_255_octets"),
        ({"category": "ü" * 128}, "category_has_1_to_255_octets"),
        ({"category": ""}, "category_has_1_to_255_octets"),
    ],
)
async def test_a_wrong_topic_is_refused_with_what_is_wrong(
    pipeline: Pipeline, wrong: dict[str, str], told: str
):
    with pytest.raises(psycopg.errors.CheckViolation, match=told):
        pipeline.connection.execute(TOPIC, {**GOOD, **wrong})


@pytest.mark.parametrize("klass", Class)
async def test_every_class_there_is_may_be_written(pipeline: Pipeline, klass: str):
    pipeline.connection.execute(TOPIC, {**GOOD, "klass": klass, "on_doubt": None})


@pytest.mark.parametrize("table", ["topic_steps", "templates", "provider_accounts"])
@pytest.mark.parametrize("channel", ["", "In App", "e-mail", "e" * 64])
async def test_a_channel_that_can_be_no_plug_in_is_refused(
    pipeline: Pipeline, table: str, channel: str
):
    await pipeline.topic()
    pipeline.run_sql(
        """INSERT INTO provider_accounts VALUES ('a', 'smtp', 'email', 'smtp://x', 0, 1, true,
                                                 now())"""
    )
    with pytest.raises(psycopg.errors.CheckViolation, match="channel_is_a_key"):
        pipeline.run_sql(f"UPDATE {table} SET channel = %s", channel)


async def test_a_topic_that_cannot_be_used_stops_no_other(pipeline: Pipeline):
    pipeline.run_sql(BEFORE.format("class_is_critical_transactional_or_promotional"))
    pipeline.connection.execute(TOPIC, {**GOOD, "klass": "urgent"})
    await pipeline.topic()
    pipeline.people("anna")
    good, bad = pipeline.emit(), pipeline.emit("t")
    await pipeline.run()
    assert pipeline.event(good)[0] == "planned"
    assert pipeline.event(bad)[:2] == ("rejected", "unknown_topic")
    assert pipeline.deliveries() == {("anna", "in_app"): ("sent", None)}


async def test_a_category_that_fits_into_no_link_fails_its_mails_and_says_so(pipeline: Pipeline):
    pipeline.run_sql(BEFORE.format("category_has_1_to_255_octets"))
    await pipeline.topic(category="c" * 256, channels=("in_app", "email"))
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.run()
    assert pipeline.deliveries() == {
        ("anna", "in_app"): ("sent", None),
        ("anna", "email"): ("failed", "composing"),
    }
    assert "256 octets" in pipeline.value("SELECT detail FROM deliveries WHERE state = 'failed'")


async def test_topics_that_would_be_refused_today_are_named(pipeline: Pipeline):
    for name in ("class_is_critical_transactional_or_promotional", "category_has_1_to_255_octets"):
        pipeline.run_sql(BEFORE.format(name))
    await pipeline.topic("long", category="c" * 300)
    pipeline.connection.execute(TOPIC, {**GOOD, "klass": "urgent"})
    async with pipeline.runtime.database.begin() as tx:
        found = await tx.run(checkup.unsound_topics())
    assert [(each.topic, each.problem) for each in found] == [
        ("long", "its category has 300 octets"),
        ("t", "its class is urgent"),
    ]


def test_a_wrong_topic_does_not_stop_a_release(empty_database_url: str):
    upgrade(empty_database_url, "0002")
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(TOPIC, {**GOOD, "klass": "urgent"})
        upgrade(empty_database_url)
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("UPDATE topics SET title = 'still urgent'")
        connection.execute("UPDATE topics SET class = 'critical'")


async def test_the_doctor_names_what_consent_passes_over(pipeline: Pipeline):
    await pipeline.topic("offer", klass=Class.PROMOTIONAL, mandatory=True)
    await pipeline.topic("star", category="*")
    await pipeline.topic("sound", mandatory=True)
    found = await pipeline.runtime.database.run(checkup.unsound_topics())
    assert [(one.topic, one.problem.partition(":")[0]) for one in found] == [
        ("offer", "it is mandatory and promotional"),
        ("star", "its category is *, which is every one"),
    ]
