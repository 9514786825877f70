"""Test sends of drafts, and that preview, test and message are the same octets."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from typing import Any
from uuid import UUID, uuid4

import pytest
from icalendar import Calendar

from dashboard import data
from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import trials
from dashboard.changing.proposals import proposal_of
from dashboard.changing.trials import Wanted
from dashboard.reading import people
from dashboard.reading.filling import Filler
from delivery.envelopes import envelope, letterhead
from delivery.publishing.material import Case
from delivery.rendering import mime
from delivery.rendering.saving import complete
from models.queries.configuring import drafts, files, templates
from models.records import (
    CalendarEntry,
    File,
    NewVersion,
    Profile,
    TemplateDraft,
    TemplateHead,
    Words,
)
from tests.pipeline import Pipeline
from tests.values import make_due

Make = Callable[..., UUID]

SOURCE = """<mjml><mj-body><mj-section><mj-column>
<mj-text>{} {{{{ recipient.name or recipient.id }}}}: {{{{ data.page }}}}</mj-text>
<mj-text>by {{{{ event.actor }}}}</mj-text>
{{% for row in data.rows %}}<mj-text>{{{{ row }}}}</mj-text>{{% endfor %}}
<mj-text><a href="{{{{ links.preferences }}}}">Choose</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""
WORDS = {
    "en": Words("{{ data.page }} was edited", SOURCE.format("Hello"), "Look at {{ data.page }}"),
    "de": Words(
        "{{ data.page }} wurde geändert", SOURCE.format("Grüß dich,"), None, "{{ data.page }}"
    ),
}
SCHEMA = json.dumps({"examples": [{"page": "Große Welle", "rows": ["one", "two"]}]})


@pytest.fixture
def filler() -> Iterator[Filler]:
    made = Filler(patience=20.0)
    yield made
    made.close()


@pytest.fixture
async def there(pipeline: Pipeline, reading: str) -> Pipeline:
    """A topic whose only step is a mail, of which there are drafts alone."""
    assert reading
    head = TemplateHead("edited", "Edited", "email", locale="en")
    with data.database().begin() as tx:
        tx.run(templates.save_head(head, data.database().now()))
        for locale, words in WORDS.items():
            draft = TemplateDraft("edited", locale, words, 0, None, data.database().now(), "ada")
            tx.follow(drafts.save_draft(draft))
    topic = await pipeline.topic("page.edited", channels=("email",), schema=SCHEMA)
    step = replace(topic.steps[0], template="edited")
    await pipeline.topic("page.edited", steps=(step,), schema=SCHEMA, channels=())
    return pipeline


def wanted(case: str, to: str, locale: str = "en", row: UUID | None = None) -> Wanted:
    return Wanted("edited", locale, f"page.edited: {case}", to, row or uuid4())


def publish() -> None:
    """All drafts, as the next version."""
    proposed = proposal_of("edited")
    whole = [complete(text, proposed.partials) for text in proposed.texts.values()]
    texts = tuple(replace(text, version=1) for text in whole)
    with data.database().begin() as tx:
        now = data.database().now()
        tx.follow(templates.publish_version(NewVersion(proposed.there.head, texts, "ada", now)))
        tx.run(templates.set_live("edited", 1, now))


_OWN = re.compile(r"(?i)To|Date|Message-ID|X-Tidings-Delivery|List-.*|Feedback-ID")
_LINK = re.compile(rb"https?://[^\s\"<>()]+/[up]/[\w-]+")


def normal(payload: bytes) -> list[object]:
    """A mail without what is of one recipient and one moment: ids, links, dates.

    Links have other lengths, which moves the line breaks of base64: parts are compared decoded.
    """
    mail = message_from_bytes(payload)
    boundary = mail.get_boundary() or ""
    head = [(name, value.replace(boundary, "")) for name, value in mail.items()]
    return [
        *[(name, value) for name, value in head if not _OWN.fullmatch(name)],
        *[(part.items(), _said(part)) for part in mail.walk() if not part.is_multipart()],
    ]


def _said(part: Message) -> bytes:
    said = part.get_payload(decode=True)
    assert isinstance(said, bytes)
    return _LINK.sub(b"LINK", said)


def previewed(case: Case, filler: Filler, locale: str) -> bytes:
    proposed = proposal_of("edited")
    text = complete(proposed.texts[locale], proposed.partials)
    content = filler.fill(text, case.context).content
    head = letterhead("Tidings <news@example.com>", "", "https://x.test", b"s" * 32, _DAY)
    cover = envelope(head, make_due(), proposed.there.topics[0], Profile("anna"), _NOW)
    return mime.compose(content, "anna@example.com", cover)


_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_DAY = _NOW - datetime(2026, 2, 28, tzinfo=UTC)


async def sent(pipeline: Pipeline, case: Case) -> bytes:
    """What somebody gets to whom just this happens."""
    who = case.context["recipient"]
    pipeline.run_sql("DELETE FROM recipients")
    pipeline.run_sql("DELETE FROM addresses")
    with pipeline.make() as make:
        make.recipient("anna", name=who["name"], locale=who["locale"], timezone=who["timezone"])
        make.address("anna", "anna@example.com")
    pipeline.emit("page.edited", data=case.context["data"], actor=case.context["event"]["actor"])
    await pipeline.run()
    return pipeline.mail.kept[-1].content


async def test_preview_test_and_message_are_the_same_octets(
    there: Pipeline, person: Make, filler: Filler
):
    author = person("author")
    to = address_of(author)
    names = ("example 1", "very long values", "right-to-left text", "HTML in values", "1,000 items")
    wants = [(locale, name) for locale in WORDS for name in names]
    tried = []
    for locale, name in wants:
        trials.send(author, wanted(name, to, locale), filler)
        await there.run()
        tried.append(normal(there.mail.kept[-1].content))
    assert there.mail.kept[-1].recipient == to
    cases = {locale: proposal_of("edited").cases(locale) for locale in WORDS}
    publish()
    there.forget_catalog()
    for (locale, name), test in zip(wants, tried, strict=True):
        case = cases[locale][f"page.edited: {name}"]
        assert test == normal(previewed(case, filler, locale)), (locale, name)
        assert test == normal(await sent(there, case)), (locale, name)


def address_of(person: UUID) -> str:
    return next(one.email for one in people.all_people() if one.person == person)


async def test_a_test_is_counted_nowhere_and_waits_for_nothing(
    there: Pipeline, person: Make, filler: Filler
):
    author, row = person("author"), uuid4()
    event = trials.send(author, wanted("example 1", address_of(author), row=row), filler)
    assert trials.send(author, wanted("example 1", address_of(author), row=row), filler) == event
    await there.run()
    [kept] = there.mail.kept
    assert b"/t/" not in kept.content
    assert there.rows("SELECT event_id, test FROM deliveries") == [(event, True)]
    assert there.value("SELECT count(*) FROM rollups") == 0
    [entry] = [one for one in data.audit() if one.subject == "edited"]
    assert (entry.action, entry.detail["case"]) == (
        "sent words to try them out", "page.edited: example 1",
    )  # fmt: skip


MEETING = CalendarEntry(
    method="request", uid="{{ data.page }}@example.com", start="2026-12-01T09:00",
    organizer="Ada <ada@example.com>", summary="{{ data.page }}", zone="Europe/Vienna",
)  # fmt: skip


async def dressed(there: Pipeline, **adds: Any) -> None:
    """The topic, which adds something to its mails besides their words."""
    [old] = proposal_of("edited").there.topics
    await there.topic("page.edited", channels=(), steps=old.steps, schema=SCHEMA, **adds)


async def test_a_test_carries_what_its_topic_adds(there: Pipeline, person: Make, filler: Filler):
    terms = File("terms", "terms.txt", "text/plain", 11, None, b"All of them")
    with data.database().begin() as tx:
        tx.run(files.add(terms, "ada", data.database().now()))
    reply_to = "{{ recipient.name }} <desk@example.com>"
    await dressed(there, reply_to=reply_to, calendar=MEETING, attachments=("{{ 'terms' }}",))
    author = person("author")
    trials.send(author, wanted("example 1", address_of(author)), filler)
    await there.run()
    [kept] = there.mail.kept
    mail = message_from_bytes(kept.content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Reply-To"] == "Anna Berg <desk@example.com>"
    parts = {part.get_filename(): part for part in mail.iter_attachments()}
    assert parts["terms.txt"].get_content().strip() == "All of them"
    [entry] = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    [event] = Calendar.from_ical(entry.get_payload(decode=True)).walk("VEVENT")
    assert event.decoded("DTSTART") == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert (event["SUMMARY"], event["UID"][:6]) == ("Große Welle", "trial-")


async def test_what_a_topic_adds_that_cannot_be_filled_is_named(
    there: Pipeline, person: Make, filler: Filler
):
    await dressed(there, reply_to="{{ data.owner }}")
    author = person("author")
    with pytest.raises(RefusedError, match=r"reply_to: .*owner"):
        trials.send(author, wanted("example 1", address_of(author)), filler)


async def test_what_cannot_be_tried_out_is_refused(there: Pipeline, person: Make, filler: Filler):
    author = person("author")
    me = address_of(author)
    for asked, complaint in (
        (wanted("example 1", "bo@elsewhere.test"), "not on the allow-list"),
        (wanted("example 1", me, "sv"), "no words in sv"),
        (wanted("example 9", me), "choose anew"),
    ):
        with pytest.raises(RefusedError, match=complaint):
            trials.send(author, asked, filler)
    with pytest.raises(NotAllowedError):
        trials.send(person("approver"), wanted("example 1", me), filler)
    assert there.value("SELECT count(*) FROM outbox") == 0


async def test_twenty_in_a_minute_are_enough(there: Pipeline, person: Make, filler: Filler):
    author = person("author")
    there.run_sql(
        "INSERT INTO audit (audit_id, at, actor, action, subject, detail)"
        " SELECT gen_random_uuid(), now(), %s, 'sent words to try them out', 'edited', '{}'"
        " FROM generate_series(1, 20)", address_of(author),
    )  # fmt: skip
    with pytest.raises(RefusedError, match="wait a little"):
        trials.send(author, wanted("example 1", address_of(author)), filler)
