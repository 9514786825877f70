"""From moves to counts: what was sent counts once, what comes back counts when it comes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivery.reputation.counting import spread, together
from models.records import Counted, Counts

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
SENT = Counted(AT, "example.com", "main", "", "news", "yahoo", "sent", "", 100, 0)


def moved(state: str, reason: str = "", entered: int = 1, left: int = 0, **more: Any) -> Counted:
    return replace(SENT, state=state, reason=reason, entered=entered, left=left, **more)


def counts(*moves: Counted) -> Counts:
    return together(spread(moves)["topic:news"], AT)


def test_what_is_delivered_later_was_sent_once():
    delivered = [moved("sent", entered=0, left=60), moved("delivered", entered=60)]
    assert counts(SENT, *delivered) == Counts(sent=100, delivered=60, audience=60, told=60)


def test_what_comes_back_later_counts_in_the_hour_it_comes():
    later = AT + timedelta(hours=2)
    back = [
        moved("sent", entered=0, left=3, at=later),
        moved("bounced", "address_refused", 3, at=later),
    ]
    bins = spread([SENT, *back])["topic:news"]
    assert bins == {AT: Counts(sent=100, audience=100), later: Counts(dead=3, told=3)}


@pytest.mark.parametrize(
    ("reason", "counted"),
    [
        ("address_refused", {"dead": 2}),
        ("mailbox_inactive", {"dead": 2}),
        ("returned", {"unclear": 2}),
        ("policy_refused", {"policy": 2}),
        ("mailbox_full", {}),
        ("content_refused", {}),
        ("not_forwarded", {}),
    ],
)
def test_each_reason_counts_for_what_it_is(reason: str, counted: dict[str, int]):
    expected = Counts(sent=2, audience=2, **counted)
    assert counts(moved("bounced", reason, 2)) == expected


def test_what_was_refused_at_once_for_what_we_are_was_sent_as_receivers_count():
    assert counts(moved("failed", "policy_refused", 4)) == Counts(sent=4, policy=4, audience=4)
    assert "topic:news" not in spread([moved("failed", "rendering", 4)])


def test_complaints_and_unsubscriptions_are_feedback_and_no_mails():
    said = [moved("complained", "", 2, 2), moved("unsubscribed", "", 5, 5)]
    assert counts(*said) == Counts(complained=2, told=7)


def test_nobody_is_asked_who_tells_of_no_complaints():
    found = spread([SENT, replace(SENT, destination="google")])
    assert found["topic:news"][AT] == Counts(sent=200, audience=100)
    assert found["destination:example.com/google"][AT].audience == 0


def test_an_account_without_feedback_is_counted_by_what_it_sent():
    other = replace(SENT, account="plain", entered=50)
    told = [moved("sent", entered=0, left=60), moved("delivered", entered=60)]
    assert counts(SENT, other, *told).audience == 110
