"""Signed links: what they carry, and what they refuse."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from delivery.errors import ComposingError
from delivery.links import Kind, Link, LinkKeys, read, sign

KEYS = LinkKeys.derive(b"a secret of the installation, long enough")
ANNA = Link("anna", "comments", "email", UUID(int=7))


def octets_of(token: str) -> bytes:
    return urlsafe_b64decode(token + "=" * (-len(token) % 4))


def token_of(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
links = st.builds(Link, texts, texts, texts, st.none() | st.uuids())


@given(links, st.sampled_from(Kind))
def test_reads_back_what_was_signed(link: Link, kind: Kind):
    assert read(kind, sign(kind, link, KEYS), KEYS) == link


@given(st.text(max_size=200), st.sampled_from(Kind))
def test_reads_nothing_from_what_is_no_token(text: str, kind: Kind):
    assert read(kind, text, KEYS) is None


@given(st.data())
def test_refuses_a_token_with_any_octet_changed(data: st.DataObject):
    octets = bytearray(octets_of(sign(Kind.UNSUBSCRIBE, ANNA, KEYS)))
    place = data.draw(st.integers(0, len(octets) - 1))
    octets[place] ^= data.draw(st.integers(1, 255))
    assert read(Kind.UNSUBSCRIBE, token_of(bytes(octets)), KEYS) is None


@given(st.data())
def test_refuses_a_token_cut_short(data: st.DataObject):
    token = sign(Kind.UNSUBSCRIBE, ANNA, KEYS)
    assert read(Kind.UNSUBSCRIBE, token[: data.draw(st.integers(0, len(token) - 1))], KEYS) is None


def test_refuses_a_second_spelling_of_a_token():
    token = sign(Kind.UNSUBSCRIBE, Link("ann", "c", "email"), KEYS)
    assert len(octets_of(token)) % 3, "this token has unused bits at its end"
    twin = token[:-1] + chr(ord(token[-1]) + 1)
    assert octets_of(twin) == octets_of(token)
    assert read(Kind.UNSUBSCRIBE, twin, KEYS) is None
    assert read(Kind.UNSUBSCRIBE, token + "=", KEYS) is None
    assert read(Kind.UNSUBSCRIBE, token + "\n", KEYS) is None


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UNSUBSCRIBE])
def test_never_takes_one_kind_for_another(kind: Kind):
    assert read(kind, sign(Kind.UNSUBSCRIBE, ANNA, KEYS), KEYS) is None


def test_fields_cannot_be_shifted_into_each_other():
    assert sign(Kind.OPEN, Link("ab", "c", "d"), KEYS) != sign(
        Kind.OPEN, Link("a", "bc", "d"), KEYS
    )


def test_honours_links_of_an_older_secret():
    token = sign(Kind.UNSUBSCRIBE, ANNA, LinkKeys.derive(b"before"))
    assert read(Kind.UNSUBSCRIBE, token, LinkKeys.derive(b"now", b"before")) == ANNA
    assert read(Kind.UNSUBSCRIBE, token, LinkKeys.derive(b"now")) is None


def test_signs_with_the_current_secret():
    token = sign(Kind.UNSUBSCRIBE, ANNA, LinkKeys.derive(b"now", b"before"))
    assert read(Kind.UNSUBSCRIBE, token, LinkKeys.derive(b"now")) == ANNA


def test_stays_good_for_ever():
    """Links in mails that were sent long ago must work: this is the format, frozen."""
    token = sign(Kind.UNSUBSCRIBE, ANNA, LinkKeys.derive(b"frozen"))
    assert token == "AXUtqE2sD8LbsWlk8AvaMGf3bh0EYW5uYQhjb21tZW50cwVlbWFpbAAAAAAAAAAAAAAAAAAAAAc"


def test_refuses_a_text_that_does_not_fit():
    with pytest.raises(ComposingError, match="at most 255"):
        sign(Kind.OPEN, Link("a" * 256, "c", "email"), KEYS)


def test_a_link_with_the_longest_recipient_fits_into_a_header_line():
    token = sign(Kind.UNSUBSCRIBE, Link("a" * 200, "c" * 100, "email", UUID(int=1)), KEYS)
    assert len(f"List-Unsubscribe: <https://notifications.example.com/u/{token}>") < 998
