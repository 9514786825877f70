"""The people of a day."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from delivery.channels import email
from delivery.roads.destinations import OTHER, destination_of
from scheduler.demo.edits import Day, Edit
from scheduler.demo.people import DOMAINS, address_of, cast_of, locale_of, timezone_of

NOON = datetime(2015, 9, 12, 12, tzinfo=UTC)


def test_everybody_is_there_once_as_their_first_edit_shows_them():
    edits = (
        Edit(1, NOON, "fr.wikipedia", "p", "192.0.2.1", anonymous=True, country="FR"),
        Edit(2, NOON, "de.wikipedia", "p", "192.0.2.1", anonymous=True),
    )
    [profile] = cast_of(Day("d", edits)).profiles
    assert profile.recipient_id == "192.0.2.1"
    assert profile.said == {
        "name": "192.0.2.1",
        "locale": "fr",
        "timezone": "Europe/Paris",
        "attributes": {
            "wiki": "fr.wikipedia",
            "robot": False,
            "anonymous": True,
            "country": "FR",
        },
    }
    [address] = profile.addresses
    assert (address.channel, address.address) == ("email", address_of("192.0.2.1"))


@pytest.mark.parametrize("name", ["Anna", "Ünï cödé", "2001:db8::1", 'a "b" <c>', "名前"])
def test_every_name_gets_an_address_that_is_accepted_as_it_stands(name: str):
    assert email.accepts(address_of(name)) == address_of(name)


def test_the_people_of_a_demonstration_are_at_a_mix_of_destinations():
    found = Counter(destination_of(address_of(f"user {number}")) for number in range(900))
    assert found.keys() == {"google", "microsoft", "yahoo", "icloud", "gmx", "proton", OTHER}
    assert min(found.values()) > 50


def test_addresses_differ_where_names_do_and_are_at_reserved_domains():
    addresses = {address_of(f"user {number}") for number in range(2_000)}
    assert len(addresses) == 2_000
    assert {address.partition("@")[2] for address in addresses} == set(DOMAINS)
    assert all(domain.rpartition(".")[2] == "example" or "example." in domain for domain in DOMAINS)


@pytest.mark.parametrize(
    ("wiki", "locale"),
    [
        ("en.wikipedia", "en"),
        ("simple.wikipedia", "en"),
        ("no.wikipedia", "nb"),
        ("sh.wikipedia", "sr-Latn"),
        ("war.wikipedia", None),
        ("%.wikipedia", None),
    ],
)
def test_the_locale_is_that_of_the_wiki_where_there_is_one(wiki: str, locale: str | None):
    assert locale_of(wiki) == locale


@pytest.mark.parametrize(
    ("country", "zone"), [("JP", "Asia/Tokyo"), ("US", None), ("ZZ", None), ("", None)]
)
def test_the_time_zone_is_known_only_where_a_country_has_one(country: str, zone: str | None):
    assert timezone_of(country) == zone
