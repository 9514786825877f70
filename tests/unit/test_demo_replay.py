"""The outbox rows that come of a day of edits."""

import json
from datetime import UTC, datetime, timedelta

import fastjsonschema

from scheduler.demo.edits import Day, Edit
from scheduler.demo.replay import LENGTH, Offer, begin_of, offers_of
from scheduler.samples import TOPICS

MIDNIGHT = datetime(2015, 9, 12, tzinfo=UTC)


def edit(number: int, user: str, page: str = "Great Wave", wiki: str = "en.wikipedia") -> Edit:
    return Edit(number, MIDNIGHT + timedelta(minutes=number), wiki, page, user)


def day(*edits: Edit) -> Day:
    return Day("d", edits)


def told(offers: list[Offer]) -> list[tuple[str | None, tuple[str, ...]]]:
    rows = (offer.row for offer in offers)
    return [(row.actor, row.recipients) for row in rows if row.topic == "page.edited"]


def test_tells_each_author_of_each_edit_without_naming_an_actor():
    rows = [offer.row for offer in offers_of(day(edit(1, "anna"), edit(2, "bo", "Other")))]
    assert [(row.topic, row.recipients, row.actor) for row in rows] == [
        ("edit.saved", ("anna",), None),
        ("edit.saved", ("bo",), None),
    ]


def test_tells_everybody_who_edited_the_page_before():
    edits = [edit(1, "anna"), edit(2, "bo"), edit(3, "cleo")]
    assert told(offers_of(day(*edits))) == [("bo", ("anna",)), ("cleo", ("anna", "bo"))]


def test_never_tells_the_actor():
    assert told(offers_of(day(edit(1, "anna"), edit(2, "bo"), edit(3, "anna")))) == [
        ("bo", ("anna",)),
        ("anna", ("bo",)),
    ]


def test_writes_no_row_when_there_is_nobody_to_tell():
    assert told(offers_of(day(edit(1, "anna"), edit(2, "anna")))) == []


def test_pages_of_the_same_title_in_two_wikis_are_two_pages():
    assert told(offers_of(day(edit(1, "anna"), edit(2, "bo", wiki="de.wikipedia")))) == []


def test_every_key_is_its_own_and_the_same_the_next_time():
    edits = [edit(1, "anna"), edit(2, "bo")]
    keys = [offer.row.dedup_key for offer in offers_of(day(*edits))]
    assert keys == ["edit.saved:d:1", "edit.saved:d:2", "page.edited:d:2"]
    assert keys == [offer.row.dedup_key for offer in offers_of(day(*edits))]


def test_the_data_fits_the_schema_and_links_to_the_page():
    [offer] = offers_of(day(edit(1, "anna", "Größe & Co?", "de.wikipedia")))
    data = json.loads(offer.row.data)
    for topic in TOPICS:
        if topic.key == "edit.saved":
            fastjsonschema.validate(json.loads(topic.schema), data)
    assert data["url"] == "https://de.wikipedia.org/wiki/Gr%C3%B6%C3%9Fe_%26_Co%3F"
    assert offer.row.thread == "de.wikipedia:Größe & Co?"
    assert offer.row.tags == ("de.wikipedia", "person")


def test_offsets_count_from_midnight_of_the_date_most_edits_carry():
    stray = [
        Edit(1, MIDNIGHT - timedelta(days=2), "w", "p", "anna"),
        Edit(2, MIDNIGHT + timedelta(hours=6), "w", "q", "bo"),
        Edit(3, MIDNIGHT + timedelta(hours=7), "w", "r", "cleo"),
        Edit(4, MIDNIGHT + timedelta(days=50), "w", "s", "dan"),
    ]
    assert begin_of(day(*stray)) == MIDNIGHT
    offsets = [offer.offset for offer in offers_of(day(*stray))]
    assert offsets == [0, 6 * 3600, 7 * 3600, LENGTH]
