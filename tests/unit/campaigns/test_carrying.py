"""What accounts let through of a campaign in which hour, and what that costs."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from delivery.campaigns.basis import Basis
from delivery.campaigns.carrying import Ways, carry, costs
from delivery.campaigns.forecast import Forecast, as_document
from delivery.campaigns.foreseeing import Fate
from delivery.roads.prices import read_price
from models.records import Account
from tests.values import NOW

HOUR = timedelta(hours=1)
MAIN = Account("main", "smtp", "email", "smtp://main", 5, price=Decimal("0.80"))
SPARE = Account("spare", "smtp", "email", "smtp://spare", 1)


def test_what_nothing_bounds_goes_when_it_would():
    found = carry({("email", NOW): 1000, ("in_app", NOW): 50}, Ways({"email": [MAIN]}, {}))
    assert (found.hours, found.over, found.ends_at) == ({NOW: 1050}, {"main": 1000}, None)


def test_a_limit_lets_an_hour_through_after_the_other():
    found = carry({("email", NOW): 1500}, Ways({"email": [MAIN]}, {("main", "all"): 10}))
    assert found.hours == {NOW: 600, NOW + HOUR: 600, NOW + 2 * HOUR: 300}
    assert found.ends_at == NOW + 2.5 * HOUR


def test_what_does_not_fit_into_the_best_account_the_next_one_carries():
    ways = Ways({"email": [MAIN, SPARE]}, {("main", "all"): 10})
    found = carry({("email", NOW): 1000}, ways)
    assert (found.hours, found.over) == ({NOW: 1000}, {"main": 600, "spare": 400})


def test_equals_share_by_weight_and_nothing_is_lost():
    equals = [Account(f"a{n}", "smtp", "email", "smtp://a", 0, weight) for n, weight in
              enumerate((1, 2, 4))]  # fmt: skip
    found = carry({("email", NOW): 1001}, Ways({"email": equals}, {}))
    assert found.over == {"a0": 143, "a1": 286, "a2": 572}
    assert found.over.total() == 1001


def test_a_new_domain_has_a_ceiling_a_day():
    ways = Ways({"email": [MAIN]}, {}, date(2026, 11, 22))
    found = carry({("email", NOW): 100, ("sms", NOW): 7}, ways)
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    assert found.hours == {NOW: 57, midnight: 50}
    assert found.ends_at is not None
    assert found.ends_at > midnight


def test_what_never_goes_is_not_lost_from_the_count():
    found = carry({("email", NOW): 9_000_000}, Ways({"email": [MAIN]}, {("main", "all"): 1}))
    assert found.hours.total() == 9_000_000


def test_who_has_a_price_costs():
    over = Counter({"main": 12_345, "spare": 10})
    assert costs(over, [MAIN, SPARE]) == {"main": Decimal("9.88")}


def test_a_forecast_tells_accounts_costs_and_the_later_end():
    found = Forecast(1, NOW, Basis(1, None, {}))
    for _ in range(90):
        found.add([Fate("email", "sent", None, None, NOW)])
    found.carry(Ways({"email": [MAIN]}, {("main", "all"): 1}), "SEK")
    told = as_document(found)
    assert told["accounts"] == [{"account": "main", "messages": 90, "cost": "0.07"}]
    assert (told["cost"], told["currency"]) == ("0.07", "SEK")
    assert found.hours == {NOW: 60, NOW + HOUR: 30}
    assert found.ends_at == NOW + 1.5 * HOUR


@pytest.mark.parametrize("text", ["0", "0.80", "12", "0.0001"])
def test_an_amount_is_a_price(text: str):
    assert read_price(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", "cheap", "-1", "NaN", "inf", "0.00001", "1e9"])
def test_what_is_no_amount_is_refused_with_what_to_do(text: str):
    with pytest.raises(ValueError, match=r"write the amount for 1,000 messages, such as 0\.80"):
        read_price(text)
