"""Signed links: what they carry, and what they refuse."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from delivery.errors import ComposingError
from delivery.links import (
    Kind,
    Link,
    LinkKeys,
    Permit,
    hidden,
    read,
    read_permit,
    read_view,
    sign,
    sign_permit,
    sign_view,
)

KEYS = LinkKeys.derive(b"a secret of the installation, long enough")
ANNA = Link("anna", "comments", "email", UUID(int=7))
PERMIT = Permit("anna", datetime(2027, 1, 31, tzinfo=UTC))


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


@pytest.mark.parametrize("kind", Kind)
def test_a_permit_is_never_taken_for_a_link_or_a_link_for_a_permit(kind: Kind):
    assert read(kind, sign_permit(PERMIT, KEYS), KEYS) is None
    assert read_permit(sign(kind, ANNA, KEYS), KEYS) is None


@given(texts, st.integers(0, 2**37))
def test_reads_back_a_permit_to_the_second(recipient: str, until: int):
    permit = Permit(recipient, datetime.fromtimestamp(until, UTC))
    assert read_permit(sign_permit(permit, KEYS), KEYS) == permit


@given(st.data())
def test_refuses_a_permit_with_any_octet_changed_or_cut_off(data: st.DataObject):
    octets = bytearray(octets_of(sign_permit(PERMIT, KEYS)))
    place = data.draw(st.integers(0, len(octets) - 1))
    assert read_permit(token_of(bytes(octets[:place])), KEYS) is None
    octets[place] ^= data.draw(st.integers(1, 255))
    assert read_permit(token_of(bytes(octets)), KEYS) is None


def test_honours_permits_of_an_older_secret_and_of_no_unknown_one():
    token = sign_permit(PERMIT, LinkKeys.derive(b"before"))
    assert read_permit(token, LinkKeys.derive(b"now", b"before")) == PERMIT
    assert read_permit(token, LinkKeys.derive(b"now")) is None


def test_the_permit_in_a_message_is_counted_from_its_deliverys_day():
    delivery = UUID("4f3a0000-0000-8000-8000-000000000000")
    permit = Permit.of_delivery("anna", delivery, timedelta(days=400))
    assert permit == Permit("anna", datetime(1970, 1, 1, tzinfo=UTC) + timedelta(0x4F3A + 400))


def test_hides_the_tokens_in_a_text_and_nothing_else():
    tokens = [
        sign(Kind.UNSUBSCRIBE, Link("", "", ""), KEYS),
        sign_permit(Permit("", PERMIT.until), KEYS),
    ]
    text = "Off: https://x.test/u/{} all: (https://x.test/p/{}) https://x.test/p/about-us"
    assert hidden(text.format(*tokens)) == text.format("…", "…")


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


def test_a_permit_is_read_as_long_as_mails_are_kept():
    """The format of links in mails of the last year or two, frozen like the one above."""
    token = sign_permit(PERMIT, LinkKeys.derive(b"frozen"))
    assert token == "AXAtqIcEiifP0i3TTIPJDpAosRkEYW5uYQAAAABrXnmA"


def test_refuses_a_text_that_does_not_fit():
    with pytest.raises(ComposingError, match="at most 255"):
        sign(Kind.OPEN, Link("a" * 256, "c", "email"), KEYS)


def test_a_link_with_the_longest_recipient_fits_into_a_header_line():
    token = sign(Kind.UNSUBSCRIBE, Link("a" * 200, "c" * 100, "email", UUID(int=1)), KEYS)
    assert len(f"List-Unsubscribe: <https://notifications.example.com/u/{token}>") < 998


def test_a_view_says_its_delivery_and_is_no_other_kind():
    token = sign_view(UUID(int=7), KEYS)
    assert read_view(token, KEYS) == UUID(int=7)
    assert read_view(token, LinkKeys.derive(b"another")) is None
    assert read_view(sign(Kind.OPEN, ANNA, KEYS), KEYS) is None
    assert read_permit(token, KEYS) is None
    assert hidden(f"https://example.com/v/{token}") == "https://example.com/v/…"
