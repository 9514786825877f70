"""Addresses that mail comes back to: nobody can make one, and any relay may spell one."""

from uuid import UUID

import pytest
from hypothesis import given, settings, strategies as st

from delivery.returns.addresses import (
    Bounces,
    Complaints,
    OptOut,
    ReturnKeys,
    bounces_to,
    category_like,
    complaints_to,
    optouts_to,
    read,
    recipient_digest,
)
from models.ids import bucket_of

KEYS = ReturnKeys.of(b"a secret of thirty-two characters")
OTHER = ReturnKeys.of(b"another one, of as many characters")
ID = UUID("000100ac-0000-8000-8000-000000000001")
DOMAIN = "bounces.example.com"


def local(kind: str, keys: ReturnKeys = KEYS) -> str:
    return {
        "b": lambda: bounces_to(ID, keys),
        "u": lambda: optouts_to("anna", "boards", "email", keys),
        "c": lambda: complaints_to(keys),
    }[kind]()


def at(local: str, domain: str = DOMAIN) -> object:
    return read(f"{local}@{domain}", DOMAIN, KEYS)


def test_each_says_what_it_was_made_of():
    assert at(local("b")) == Bounces(ID)
    assert at(local("c")) == Complaints()
    wish = at(local("u"))
    assert isinstance(wish, OptOut)
    assert (wish.bucket, wish.recipient) == (bucket_of("anna"), recipient_digest("anna"))
    assert category_like(wish, ["offers", "boards"], ["in_app", "email"]) == ("boards", "email")
    assert category_like(wish, ["offers"], ["email"]) is None
    assert category_like(wish, ["boards"], ["in_app"]) is None


@pytest.mark.parametrize("kind", "buc")
def test_fits_the_wire_in_small_letters_and_is_read_in_any(kind: str):
    made = local(kind)
    assert made == made.lower()
    assert len(made) <= 64
    assert at(made.upper(), DOMAIN.upper()) == at(made.title(), f"{DOMAIN}.") == at(made)
    assert at(made) is not None


@pytest.mark.parametrize("kind", "buc")
def test_is_made_with_our_keys_for_our_domain_or_it_is_nothing(kind: str):
    assert at(local(kind, OTHER)) is None
    assert at(local(kind), "example.com") is None
    assert at(local(kind), f"evil.{DOMAIN}") is None
    newer = ReturnKeys.of(OTHER.secrets[0], *KEYS.secrets)
    assert read(f"{local(kind)}@{DOMAIN}", DOMAIN, newer) is not None


@pytest.mark.parametrize("kind", "buc")
def test_one_sign_less_more_or_else_is_another_address(kind: str):
    made = local(kind)
    for place in range(len(made)):
        sign = "a" if made[place] != "a" else "b"
        assert at(made[:place] + sign + made[place + 1 :]) is None, place
    assert at(made[:-1]) is at(made + "a") is at("x" + made) is None


def test_one_kind_is_never_taken_for_another():
    macs = {local("b").partition(".")[2], local("c").removeprefix("c+")}
    assert len(macs) == 2
    assert at(f"c+{local('b').partition('.')[2]}") is None


@given(st.text(max_size=80) | st.text("buc+.=@0123456789abcdefz", max_size=80))
@settings(max_examples=100, deadline=None)
def test_whatever_stands_there_is_read_without_a_crash(made: str):
    assert at(made) is None


@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=60))
@settings(max_examples=50, deadline=None)
def test_recipients_and_categories_of_any_length_fit(recipient: str, category: str):
    made = optouts_to(recipient, category, "email", KEYS)
    assert len(made) == 54
    assert isinstance(at(made), OptOut)
