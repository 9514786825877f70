"""Opens, clicks and conversions in words."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from dashboard.components.deliveries.engagement import followed, reasons, told
from models.readings.deliveries import Reaction
from models.readings.engagement import ConversionLine
from models.records import TemplateVersion

NOW = datetime(2026, 1, 31, tzinfo=UTC)
HTML = '<a href="https://shop.test">The board</a><a href="https://shop.test/2"></a>'
VERSION = TemplateVersion("t", 1, "email", "s", "", compiled=HTML)


def reaction(kind: str, link: object = 0, **detail: Any) -> Reaction:
    return Reaction(kind, "tidings", NOW, {"raw": {"link": link}, **detail})


@pytest.mark.parametrize(
    ("each", "words"),
    [
        (reaction("opened", by="person", why=""), "Opened: a person"),
        (
            reaction("opened", by="proxy", why="google"),
            "Opened: a reader's proxy",
        ),
        (reaction("clicked", 1, by="person", why=""), "Clicked “The board”: a person"),
        (reaction("clicked", 2, by="person", why=""), "Clicked link 2: a person"),
        (reaction("clicked", 9, by="scanner", why="from the future"), "Clicked link 9: a scanner"),
        (reaction("clicked", "x", by="person"), "Clicked: a person"),
        (reaction("clicked", 1, by="somebody"), None),
        (reaction("delivered"), None),
    ],
)
def test_says_who_it_was_and_what_told(each: Reaction, words: str | None):
    assert told(each, VERSION) == words


def test_says_each_reason_once():
    apple = reaction("opened", by="prefetch", why="apple")
    found = reasons([apple, reaction("delivered"), apple, reaction("clicked", by="person", why="")])
    sentence = "Apple Mail Privacy Protection, which fetches every image."
    assert found == [f"Fetched ahead: {sentence}"]


def test_without_its_version_a_link_has_its_number():
    assert told(reaction("clicked", 1, by="person"), None) == "Clicked link 1: a person"


@pytest.mark.parametrize(
    ("value", "currency", "words"),
    [
        (None, None, "purchase: after a click"),
        (Decimal("49.90"), "EUR", "purchase 49.90 EUR: after a click"),
        (Decimal(1000), None, "purchase 1000: after a click"),
    ],
)
def test_says_what_followed(value: Decimal | None, currency: str | None, words: str):
    assert followed(ConversionLine("purchase", value, currency, NOW, "clicked")) == words
