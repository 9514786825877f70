"""Which receiving system an address belongs to."""

import pytest

from delivery.roads.destinations import OTHER, destination_of


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("anna@gmail.com", "google"), ("Anna@GoogleMail.COM", "google"),
        ("bo@hotmail.com", "microsoft"), ("bo@web.de", "gmx"), ("cy@example.com", OTHER),
        ("dee@gmail.example", "google"), ("dee@gmx.example", "gmx"), ("dee@x.example", OTHER),
        ("cy@notgmail.com", OTHER), ('"a@gmail.com"@example.com', OTHER), ("gmail.com", "google"),
        ("", OTHER),
    ],
)  # fmt: skip
def test_groups_addresses_by_who_runs_their_servers(address: str, group: str):
    assert destination_of(address) == group
