"""The Recipient page says how somebody stands with the caps just now."""

from collections.abc import Callable
from json import dumps

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from delivery.limits.caps import counter
from delivery.rulebook import read
from models.ids import bucket_of
from tests.factories import Rows, rows

Open = Callable[..., AppTest]
BOOK = {
    "caps": [
        {"key": "promo", "classes": ["promotional"], "limit": 2, "within": "24 hours"},
        {"key": "mail", "channels": ["email"], "limit": 1, "per": "day"},
        {"key": "new", "limit": 5, "within": "7 days"},
        {"key": "blank"},
        {"key": "theirs", "orgs": ["other"], "limit": 1, "within": "1 hour"},
    ]
}


def publish(make: Rows, version: int, document: object) -> None:
    make.connection.exec_driver_sql(
        "INSERT INTO rulebooks (version, document, note, published_at, published_by)"
        " VALUES (%s, CAST(%s AS jsonb), 'x', now(), 'ada')",
        (version, dumps(document)),
    )


@pytest.fixture
def anna(reading: str) -> str:
    """One slot of two is taken, and one of one; the newest version cannot be read."""
    promo, mail, *_ = map(counter, read(BOOK).caps)
    with rows(reading) as make:
        make.recipient("anna")
        publish(make, 1, BOOK)
        publish(make, 2, {"caps": "nonsense"})
        at = int(make.now.timestamp() * 1000) - 1
        slots = {name: [[at, str(make.uuid())]] for name in (promo, mail)}
        make.connection.exec_driver_sql(
            "INSERT INTO ledger (bucket, recipient_id, slots) VALUES (%s, 'anna', %s::jsonb)",
            (bucket_of("anna"), dumps(slots)),
        )
        for name in (promo, mail):
            make.connection.exec_driver_sql(
                "INSERT INTO warmings (counter, since, begins_at, done_at)"
                " VALUES (%s, now(), now(), now())",
                (name,),
            )
    return reading


@pytest.mark.usefixtures("anna")
def test_each_cap_that_counts_for_them_says_what_is_taken():
    found = data.recipient_report("anna").standings
    told = [(one.cap.key, one.used, one.opens_at is None, warming) for one, warming in found]
    assert told == [("promo", 1, True, False), ("mail", 1, False, False), ("new", 0, True, True)]


@pytest.mark.usefixtures("anna")
def test_the_page_shows_them(open_page: Open):
    at = open_page("recipient", "viewer", id="anna")
    assert not at.exception
    said = "\n".join(str(each.value) for each in at.markdown)
    assert ":green-badge[1 of 2 taken]" in said
    assert ":red-badge[1 of 1 taken] :gray[until " in said
    assert ":orange-badge[Warming]" in said


@pytest.mark.usefixtures("reading")
def test_without_caps_nothing_is_said():
    assert data.recipient_report("anna").standings == ()
