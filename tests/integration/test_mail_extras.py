"""What mails carry besides their words, from the topic, event or campaign to the server."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from models.queries.configuring import files
from models.records import CalendarEntry, File
from tests.campaigns import advanced, draft, launch
from tests.pipeline import Pipeline

WORDS = "{{ data.board }}"


def mails(pipeline: Pipeline) -> list[EmailMessage]:
    read = [message_from_bytes(kept.content, policy=policy.default) for kept in pipeline.mail.kept]
    return [mail for mail in read if isinstance(mail, EmailMessage)]


@pytest.fixture
async def news(pipeline: Pipeline) -> Pipeline:
    """A topic whose answers go to whom its events name."""
    reply_to = "{{ data.owner | default('') }}"
    await pipeline.topic("news", channels=("email",), words=WORDS, reply_to=reply_to)
    pipeline.people("anna")
    return pipeline


@pytest.mark.parametrize(
    ("owner", "state", "written"),
    [
        ("Zoë <zoe@example.com>", "sent", ["Zoë <zoe@example.com>"]),
        ("", "sent", [None]),
        ("nobody", "failed", []),
    ],
)
async def test_answers_go_where_the_event_says(
    news: Pipeline, owner: str, state: str, written: list[str | None]
):
    await news.run(news.emit("news", data={"board": "Roadmap", "owner": owner}))
    assert news.deliveries()["anna", "email"][0] == state
    assert [mail["Reply-To"] for mail in mails(news)] == written


async def test_a_campaign_says_it_instead_of_its_topic_also_when_it_goes_again(news: Pipeline):
    async def later(*_: object) -> bytes:
        return b"451 4.3.0 later"

    await draft(news, recipients=["anna"], reply_to="{{ data.board }} <team@example.com>")
    await launch(news)
    await advanced(news)
    news.travel(seconds=61)
    await advanced(news)
    news.mail.dot = later  # type: ignore[method-assign]
    await news.send()
    del news.mail.__dict__["dot"]
    news.travel(hours=1)
    await news.send()
    assert [mail["Reply-To"] for mail in mails(news)] == ["Spring <team@example.com>"]


MEETING = CalendarEntry(
    method="{{ 'cancel' if data.off | default(false) else 'request' }}",
    uid="{{ data.id }}@example.com", sequence="{{ data.change }}", zone="Europe/Vienna",
    start="{{ data.start }}", organizer="Ada <ada@example.com>", summary="{{ data.board }}",
)  # fmt: skip


def entries(pipeline: Pipeline) -> list[tuple[str, str, int, str]]:
    """Method, UID, sequence and start of what mails put into calendars, as alternative and file."""
    found = []
    for mail in mails(pipeline):
        said = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        both = {part.get_payload(decode=True) for part in (*said, *mail.iter_attachments())}
        (octets,) = both
        assert isinstance(octets, bytes)
        read = Calendar.from_ical(octets)
        (event,) = read.walk("VEVENT")
        start = event.decoded("DTSTART").isoformat()
        found.append((read["METHOD"], event["UID"], event["SEQUENCE"], start))
    return found


async def test_a_meeting_that_moves_and_is_called_off_stays_one_in_calendars(pipeline: Pipeline):
    async def later(*_: object) -> bytes:
        return b"451 4.3.0 later"

    await pipeline.topic("meeting", channels=("email",), words=WORDS, calendar=MEETING)
    pipeline.people("anna")
    said = {"board": "Review", "id": 42, "change": 0, "start": "2026-12-01T09:00"}
    pipeline.mail.dot = later  # type: ignore[method-assign]
    await pipeline.run(pipeline.emit("meeting", data=said))
    del pipeline.mail.__dict__["dot"]
    pipeline.travel(hours=1)
    await pipeline.send()
    await pipeline.run(pipeline.emit("meeting", data={**said, "change": 1, "start": "2026-12-02"}))
    await pipeline.run(pipeline.emit("meeting", data={**said, "change": 2, "off": True}))
    assert entries(pipeline) == [
        ("REQUEST", "42@example.com", 0, "2026-12-01T08:00:00+00:00"),
        ("REQUEST", "42@example.com", 1, "2026-12-02"),
        ("CANCEL", "42@example.com", 2, "2026-12-01T08:00:00+00:00"),
    ]


async def test_a_meeting_without_a_time_fails_alone_and_says_why(pipeline: Pipeline):
    await pipeline.topic("meeting", channels=("email",), words=WORDS, calendar=MEETING)
    pipeline.people("anna")
    good = {"board": "Review", "id": 1, "change": 0, "start": "2026-12-01"}
    bad = {**good, "id": 2, "start": "soon"}
    await pipeline.run(*(pipeline.emit("meeting", data=data) for data in (good, bad)))
    assert len(mails(pipeline)) == 1
    why = pipeline.value("SELECT detail FROM deliveries WHERE state = 'failed'")
    assert "calendar.start: write a moment like" in why


async def keep(pipeline: Pipeline, key: str, **said: object) -> None:
    made = File(key, f"{key}.pdf", "application/pdf", 4, None, f"%{key}".encode())
    await pipeline.runtime.database.run(
        files.add(replace(made, **said), "ada", pipeline.clock.now())
    )


def carried(pipeline: Pipeline) -> list[list[tuple[str | None, object]]]:
    return [
        [(one.get_filename(), one.get_payload(decode=True)) for one in mail.iter_attachments()]
        for mail in mails(pipeline)
    ]


async def test_mails_carry_the_files_that_topic_event_and_campaign_name(pipeline: Pipeline):
    names = ("terms", "{{ data.invoice | default('') }}")
    await pipeline.topic("news", channels=("email",), words=WORDS, attachments=names)
    pipeline.people("anna")
    for key in ("terms", "i-1", "flyer"):
        await keep(pipeline, key)
    await pipeline.run(pipeline.emit("news", data={"board": "A", "invoice": "i-1"}))
    await pipeline.run(pipeline.emit("news", data={"board": "B"}))
    await draft(pipeline, recipients=["anna"], attachments=["flyer", "terms"])
    await launch(pipeline)
    await advanced(pipeline)
    pipeline.travel(seconds=61)
    await advanced(pipeline)
    await pipeline.send()
    terms, invoice, flyer = (
        (f"{key}.pdf", f"%{key}".encode()) for key in ("terms", "i-1", "flyer")
    )
    assert carried(pipeline) == [[terms, invoice], [terms], [terms, flyer]]


async def test_a_file_that_is_not_there_fails_that_mail_and_is_taken_up_when_it_is(
    pipeline: Pipeline,
):
    await pipeline.topic("news", channels=("email",), words=WORDS, attachments=("{{ data.file }}",))
    pipeline.people("anna")
    await pipeline.run(pipeline.emit("news", data={"board": "A", "file": "late"}))
    assert "a file is not there" in pipeline.value("SELECT detail FROM deliveries")
    await keep(pipeline, "late")
    await pipeline.run(pipeline.emit("news", data={"board": "B", "file": "late"}))
    assert carried(pipeline) == [[("late.pdf", b"%late")]]


async def test_files_that_nobody_needs_any_more_are_forgotten(pipeline: Pipeline):
    now = pipeline.clock.now()
    await keep(pipeline, "old", expires_at=now - timedelta(days=1))
    await keep(pipeline, "new", expires_at=now + timedelta(days=1))
    await keep(pipeline, "kept")
    assert await pipeline.runtime.database.run(files.purge(now)) == 1
    assert [file.key for file in await pipeline.runtime.database.run(files.listed())] == [
        "kept", "new",
    ]  # fmt: skip
