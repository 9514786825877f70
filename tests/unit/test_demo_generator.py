"""The made-up day has the shape of the real one: 39,244 edits of 35,278 pages by 10,531 people,
15,420 of them by robots, 3,799 anonymous; 1,609 that tell 1,187 people 3,300 times."""

from collections import Counter
from datetime import UTC, date

import pytest

from delivery.reading import is_recipient_id
from scheduler.demo.edits import Day
from scheduler.demo.generator import make_day
from scheduler.demo.replay import EDITED, begin_of, offers_of

DATE = date(2026, 11, 22)


@pytest.fixture(scope="module")
def day() -> Day:
    return make_day(DATE)


def test_the_same_date_gives_the_same_day():
    assert make_day(DATE, 500) == make_day(DATE, 500)


def test_another_date_gives_another_day_under_another_name():
    one, other = make_day(DATE, 500), make_day(date(2026, 11, 23), 500)
    assert one.name != other.name
    assert [edit.page for edit in one.edits] != [edit.page for edit in other.edits]


def test_has_about_as_many_people_pages_robots_and_visitors_as_the_real_day(day: Day):
    assert len(day.edits) == pytest.approx(39_244, rel=0.05)
    assert len({edit.user for edit in day.edits}) == pytest.approx(10_531, rel=0.2)
    assert len({(edit.wiki, edit.page) for edit in day.edits}) == pytest.approx(35_278, rel=0.1)
    assert sum(edit.robot for edit in day.edits) == pytest.approx(15_420, rel=0.1)
    assert sum(edit.anonymous for edit in day.edits) == pytest.approx(3_799, rel=0.1)


def test_tells_about_as_many_people_as_often_as_the_real_day(day: Day):
    edited = [offer.row for offer in offers_of(day) if offer.row.topic == EDITED]
    assert len(edited) == pytest.approx(1_609, rel=0.25)
    assert sum(len(row.recipients) for row in edited) == pytest.approx(3_300, rel=0.25)
    assert len({who for row in edited for who in row.recipients}) == pytest.approx(1_187, rel=0.25)


def test_a_few_do_most_of_the_work_and_most_do_one_edit(day: Day):
    edits = Counter(edit.user for edit in day.edits)
    assert edits.most_common(1)[0][1] > 1_000
    assert sum(times == 1 for times in edits.values()) > len(edits) / 2


def test_evenings_are_busier_than_mornings(day: Day):
    hours = Counter(edit.at.hour for edit in day.edits)
    assert set(hours) == set(range(24))
    assert hours[18] > 2 * hours[6]


def test_is_in_order_of_time_within_its_date(day: Day):
    moments = [edit.at for edit in day.edits]
    assert moments == sorted(moments)
    assert {moment.astimezone(UTC).date() for moment in moments} == {DATE}
    assert begin_of(day).date() == DATE
    assert [edit.number for edit in day.edits] == list(range(1, len(day.edits) + 1))


def test_everybody_may_be_a_recipient(day: Day):
    assert all(is_recipient_id(edit.user) for edit in day.edits)


def test_only_visitors_have_a_country(day: Day):
    assert all((edit.country is not None) == edit.anonymous for edit in day.edits)
