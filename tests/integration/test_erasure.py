"""Who is erased is gone from every column of every table, but for documented hashes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb

from models.access import Audit
from models.audiences import AudienceMember
from models.ids import bucket_of
from models.pseudonyms import MARK
from models.queries.erasing import erasures
from models.queries.folding.feedback import take
from models.queries.folding.suppressions import copies, suppress
from models.queries.people import preferences
from models.records import Author, Choice, Feedback, Kind, Suppression, Via, read_digest
from scheduler.erasing import erase as erasing
from scheduler.erasing.erase import Eraser
from scheduler.erasing.steps import STEPS, Did, Job
from scheduler.folding import conversions, feedback
from scheduler.planning import profiles
from scheduler.sending import send
from tests.factories import rows
from tests.pipeline import Pipeline

ANNA, NAME, MAIL = "u-7391-anna", "Annabella Unterwegs", "annabella.u@example.com"
OLD = f"old.{MAIL}"
WORDS = (ANNA, NAME, "annabella.u")
CHANGE = "INSERT INTO recipient_changes (recipient_id, profile) VALUES (%s, %s)"
CONVERTED = "INSERT INTO conversions_waiting (recipient_id, name, created_at) VALUES (%s, 'a'"
SOON = {"kind": "fixed", "steps": ["email"], "wait": "10m"}


def found(pipeline: Pipeline, *words: str) -> set[tuple[str, str, str]]:
    """Table, column and word, for every word that any column of any table contains."""
    columns = pipeline.rows(
        """SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
             JOIN pg_class k ON k.relname = c.table_name AND NOT k.relispartition
                            AND k.relkind IN ('r', 'p')
            WHERE c.table_schema = 'public'
              AND c.data_type IN ('text', 'jsonb', 'bytea', 'ARRAY', 'character varying')"""
    )
    assert len(columns) > 150
    hits = set()
    for table, column, kind in columns:
        shown = "encode({}, 'escape')" if kind == "bytea" else "CAST({} AS text)"
        query = SQL(
            "SELECT word FROM unnest(%s::text[]) word WHERE EXISTS (SELECT FROM {}"
            " WHERE strpos(lower(" + shown + "), lower(word)) > 0)"
        )  # type: ignore[arg-type]
        said = query.format(Identifier(table), Identifier(column))
        for (word,) in pipeline.connection.execute(said, [list(words)]).fetchall():
            hits.add((table, column, word))
    return hits


async def live(pipeline: Pipeline) -> None:
    """A life of Anna's, with something in every table."""
    words = "{{ recipient.name }}: {{ data.board }}"
    await pipeline.topic(channels=("in_app", "email"), words=words)
    await pipeline.topic("daily", channels=("email",), words="x", digest=read_digest(SOON))
    pipeline.people("bo")
    introduce(pipeline)
    await choose(pipeline)
    emit_all(pipeline)
    await pipeline.run()
    await tell(pipeline, "delivered", Kind.DELIVERED)
    pipeline.run_sql(CHANGE, ANNA, Jsonb({"name": NAME}))
    pipeline.run_sql("UPDATE recipient_changes SET problem = 'its name is bad'")
    pipeline.run_sql(f"{CONVERTED}, now() - interval '1 h')", ANNA)
    await conversions.step(pipeline.runtime)
    pipeline.run_sql(f"{CONVERTED}, now())", ANNA)


def introduce(pipeline: Pipeline) -> None:
    with pipeline.make() as make:
        make.recipient(ANNA, name=NAME, attributes={"mail": MAIL})
        make.address(ANNA, MAIL)
        make.add(AudienceMember, bucket=bucket_of(ANNA), audience="guests", list=1,
                 recipient_id=ANNA)  # fmt: skip
        make.address(ANNA, OLD, preferred=False)
        make.add(
            Audit, audit_id=make.uuid(), at=make.now, actor="ada", action="suppressed an address",
            subject=f"{MAIL} (email)", detail={"recipient": ANNA, "reason": f"{NAME} called"},
        )  # fmt: skip


async def choose(pipeline: Pipeline) -> None:
    now, off = pipeline.clock.now(), Choice(ANNA, "news", "sms", allowed=False)
    said = (
        Suppression("email", OLD, "complaint", "vendor"),
        Suppression("email", MAIL, f"{NAME} called", "ada", category="offers"),
    )
    async with pipeline.runtime.database.begin() as tx:
        await tx.follow(preferences.choose([off], Author(ANNA, Via.API), now))
        for each in said:
            await tx.follow(suppress(each, now))


def emit_all(pipeline: Pipeline) -> None:
    own = {"board": "Plans", "for": NAME, "mail": MAIL}
    key = {"dedup_key": f"welcome:{ANNA}", "thread": f"dm:{ANNA}", "tags": (ANNA,)}
    both = {"board": "Both", "people": [ANNA, NAME, "bo"], "mails": f"{MAIL}, bo@example.com"}
    tomorrow = pipeline.clock.now() + timedelta(days=1)
    pipeline.emit(recipients=(ANNA,), data=own, **key)
    pipeline.emit(recipients=(ANNA,), data=own, **key)
    pipeline.emit(recipients=(ANNA, "bo"), data=both, dedup_key="both")
    pipeline.emit(recipients=("bo",), actor=ANNA, data={"board": "Of another"})
    pipeline.emit("daily", recipients=(ANNA,), data=own)
    pipeline.emit("nothing", recipients=(ANNA,), data=own)
    pipeline.emit(recipients=(ANNA,), data=own, not_before=tomorrow)


async def tell(pipeline: Pipeline, name: str, kind: Kind) -> None:
    """Feedback about every mail to Anna, and one event about nothing we know."""
    ids = pipeline.column(
        """SELECT delivery_id FROM deliveries
            WHERE bucket = %s AND channel = 'email' AND state IN ('sent', 'delivered')""",
        bucket_of(ANNA),
    )
    raw, now = {"to": MAIL, "name": NAME}, pipeline.clock.now()
    text = f"<{MAIL}> said"
    events = [
        Feedback("generic", f"{name}-{one}", kind, now, one, MAIL, None, text, raw)
        for one in (*ids, None)
    ]
    await pipeline.runtime.database.run(take(events, now))
    await feedback.step(pipeline.runtime)


async def drained(pipeline: Pipeline, profile: object) -> int:
    """A profile of Anna's that was written in SQL, and drained."""
    pipeline.run_sql(CHANGE, ANNA, Jsonb(profile))
    accepts = {name: channel.accepts for name, channel in pipeline.runtime.channels.items()}
    return await profiles.drain(pipeline.runtime.database, accepts, pipeline.runtime.pseudonyms, 9)


async def ask(pipeline: Pipeline, recipient: str = ANNA) -> str:
    async with pipeline.runtime.database.begin() as tx:
        asked = erasures.ask(
            recipient, pipeline.runtime.pseudonyms, "ada", "asked by mail", pipeline.clock.now()
        )
        pseudonym, begins = await tx.follow(asked)
    assert begins
    pipeline.forget_catalog()
    return pseudonym


async def erase(pipeline: Pipeline, recipient: str = ANNA) -> str:
    """Ask, and let workers do all of it."""
    pseudonym = await ask(pipeline, recipient)
    await erasing.step(pipeline.runtime)
    assert pipeline.value(
        "SELECT finished_at IS NULL FROM erasures WHERE pseudonym = %s", pseudonym
    )
    pipeline.travel(seconds=20)
    await erasing.step(pipeline.runtime)
    assert pipeline.value(
        "SELECT finished_at IS NOT NULL FROM erasures WHERE pseudonym = %s", pseudonym
    )
    return pseudonym


def counts(pipeline: Pipeline) -> Mapping[Any, Any]:
    """What was counted of all that had ended."""
    return {
        row[:-2]: row[-2:]
        for row in pipeline.rows(
            """SELECT topic, channel, class, state, reason, provider, destination,
                      sum(entered), sum("left") FROM rollups
                WHERE state NOT IN ('scheduled', 'cancelled', 'collected') GROUP BY 1,2,3,4,5,6,7"""
        )
    }


async def test_nothing_is_left_in_any_column_of_any_table_but_hashes(pipeline: Pipeline):
    await live(pipeline)
    assert len({table for table, _, _ in found(pipeline, *WORDS)}) > 15
    counted = counts(pipeline)
    theirs = pipeline.value("SELECT count(*) FROM deliveries WHERE recipient_id = %s", ANNA)
    pseudonym = await erase(pipeline)
    assert found(pipeline, *WORDS) == set()
    assert counts(pipeline) == counted
    states = pipeline.rows(
        "SELECT state, count(*) FROM v_deliveries WHERE recipient_id = %s GROUP BY 1 ORDER BY 1",
        pseudonym,
    )
    assert sum(number for _, number in states) == theirs
    assert dict(states)["cancelled"] == 3, "two that waited, and one that was collected"
    [(subject, detail, why)] = pipeline.rows(
        "SELECT subject, detail, why FROM audit WHERE action = 'erased a recipient'"
    )
    assert (subject, why) == (pseudonym, "asked by mail")
    assert detail["rows"]["deliveries"] >= theirs
    # Bo keeps what he was told, and what stands of it.
    kept = "SELECT data ->> 'board' FROM events WHERE recipients = ARRAY[%s, 'bo']"
    assert pipeline.value(kept, pseudonym) == "Both"
    pipeline.check()


async def test_what_comes_late_is_for_nobody(pipeline: Pipeline):
    await live(pipeline)
    pseudonym = await erase(pipeline)
    events = pipeline.value("SELECT count(*) FROM events")
    pipeline.emit(recipients=(ANNA,), data={"board": "x", "for": NAME}, thread=f"dm:{ANNA}")
    pipeline.emit(recipients=(ANNA, "bo"), data={"board": "y"}, dedup_key="both")
    pipeline.emit(recipients=(ANNA,), data={"board": "z"}, dedup_key=f"welcome:{ANNA}")
    await drained(pipeline, {"name": NAME, "addresses": [{"channel": "email", "address": MAIL}]})
    await pipeline.run()
    await tell(pipeline, "late", Kind.COMPLAINED)
    assert await wishes_again(pipeline) == 0
    strays = {("feedback_unmatched", "detail", word) for word in WORDS[1:]}
    assert found(pipeline, *WORDS) == strays, "what names no delivery cannot be told to be hers"
    keys = "repeated keys are known by their hashes"
    assert pipeline.value("SELECT count(*) FROM events") == events + 1, keys
    of = "FROM deliveries WHERE state = 'skipped' AND recipient_id = %s"
    assert pipeline.column(f"SELECT DISTINCT reason {of}", pseudonym) == ["erased"]
    hashed = pipeline.runtime.pseudonyms.address(MAIL)[0]
    assert ("complaint", hashed) in suppressed(pipeline)
    pipeline.check()


async def wishes_again(pipeline: Pipeline) -> int:
    """What an old unsubscribe link changes."""
    async with pipeline.runtime.database.begin() as tx:
        off, link = Choice(ANNA, "news", "email", allowed=False), Author("x", Via.LINK)
        names = pipeline.runtime.pseudonyms
        return await tx.follow(preferences.wish([off], link, pipeline.clock.now(), names))


def suppressed(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows("SELECT reason, address FROM suppressions")


async def test_feedback_that_comes_late_is_kept_without_the_address_but_counts(
    pipeline: Pipeline,
):
    await live(pipeline)
    await erase(pipeline)
    await tell(pipeline, "late", Kind.BOUNCED)
    [said] = pipeline.column(
        "SELECT DISTINCT detail FROM feedback WHERE vendor_event_id LIKE 'late-%%'"
    )
    assert said["recipient"].startswith(MARK)
    assert said["raw"] is None
    assert "text" not in said


async def test_a_suppressed_address_stays_suppressed_when_the_person_comes_back(
    pipeline: Pipeline,
):
    await live(pipeline)
    await erase(pipeline)
    names, now = pipeline.runtime.pseudonyms, pipeline.clock.now()
    assert await pipeline.runtime.database.run(erasures.return_(ANNA, names, now)) == 1
    known = [{"channel": "email", "address": address} for address in (OLD, MAIL)]
    await drained(pipeline, {"addresses": known})
    back = "SELECT address, suppressed FROM addresses WHERE recipient_id = %s"
    assert dict(pipeline.rows(back, ANNA)) == {
        OLD: {"email/*": {"reason": "complaint", "until": None}},
        MAIL: {"email/offers": {"reason": "said by a person", "until": None}},
    }
    pipeline.forget_catalog()
    pipeline.emit(recipients=(ANNA,), data={"board": "back"})
    await pipeline.run()
    sent = "SELECT count(*) FROM deliveries WHERE recipient_id = %s AND state = 'sent'"
    assert pipeline.value(sent, ANNA) == 2


async def test_every_step_may_be_cut_off_and_taken_again(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    """Before its commit, where nothing is left of it, and after it, by another worker."""
    await live(pipeline)
    cut: set[tuple[str, int]] = set()

    def cutting(name: str) -> Any:
        real = STEPS[name]

        async def step(job: Job) -> Did:
            did = await real(job)
            if (name, job.erasure.sweep) not in cut:
                cut.add((name, job.erasure.sweep))
                raise RuntimeError(name)
            return did

        return step

    monkeypatch.setattr("scheduler.erasing.erase.STEPS", {name: cutting(name) for name in STEPS})
    monkeypatch.setattr("scheduler.erasing.steps.AT_ONCE", 1)
    pseudonym = await ask(pipeline)
    for _ in range(300):
        try:
            runtime = pipeline.runtime
            if not await Eraser(runtime.database, runtime.pseudonyms, runtime.shards).advance(
                pseudonym
            ):
                pipeline.travel(seconds=20)
        except RuntimeError:
            continue
        if pipeline.value("SELECT finished_at IS NOT NULL FROM erasures"):
            break
    assert cut == {(name, sweep) for name in STEPS for sweep in (1, 2)}
    assert found(pipeline, *WORDS) == set()
    pipeline.check()


async def test_what_is_being_sent_is_waited_for(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("scheduler.erasing.erase.SETTLED_AFTER", timedelta())
    await pipeline.topic(channels=("email",), words="x")
    with pipeline.make() as make:
        make.recipient(ANNA, name=NAME)
        make.address(ANNA, MAIL)
    pipeline.emit(recipients=(ANNA,))
    await pipeline.plan()
    pipeline.runtime.on_wire += 1000  # no room on the wire
    await send.step(pipeline.runtime, pipeline.send_turns)
    pseudonym = await ask(pipeline)
    await erasing.step(pipeline.runtime)
    assert pipeline.row("SELECT sweep, step FROM erasures") == (2, "queue")
    pipeline.runtime.leave(1000)
    await pipeline.land()
    pipeline.travel(seconds=6)
    await erasing.step(pipeline.runtime)
    assert pipeline.value("SELECT finished_at IS NOT NULL FROM erasures")
    assert found(pipeline, *WORDS) == set()
    # What was leased is looked at again before it goes: it has no address any more.
    assert pipeline.rows("SELECT recipient_id, state FROM deliveries") == [(pseudonym, "cancelled")]
    assert pipeline.mail.kept == []


async def test_an_address_that_somebody_else_has_stays_readable_for_them(pipeline: Pipeline):
    said = Suppression("email", "office@example.com", "complaint", "vendor")
    with rows(pipeline.url) as make:
        for person in (ANNA, "bo"):
            make.recipient(person)
            make.address(person, said.address)
    async with pipeline.runtime.database.begin() as tx:
        await tx.follow(suppress(said, pipeline.clock.now()))
    for statement in copies(said):
        await pipeline.runtime.database.run(statement)
    await erase(pipeline)
    assert pipeline.column("SELECT address FROM suppressions") == ["office@example.com"]


async def test_a_reason_that_names_the_person_is_refused(pipeline: Pipeline):
    pipeline.people("anna")
    for reason in ("", "anna@example.com wrote", "asked by anna"):
        with pytest.raises(ValueError, match="reason"):
            async with pipeline.runtime.database.begin() as tx:
                await tx.follow(
                    erasures.ask(
                        "anna", pipeline.runtime.pseudonyms, "ada", reason, pipeline.clock.now()
                    )
                )
    assert pipeline.rows("SELECT 1 FROM erasures") == []
