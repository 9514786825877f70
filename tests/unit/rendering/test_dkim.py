"""Signatures, each verified by an independent implementation."""

import base64
from collections.abc import Iterator

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings, strategies as st

from delivery.channels import email
from delivery.rendering.dkim import DkimKey, relaxed_body, sign, signed
from delivery.rendering.mime import compose
from tests.dkim_verifier import knowing_ed25519
from tests.unit.rendering.mails import BODIES, ENVELOPE, content, envelope, parsed

RSA = rsa.generate_private_key(65537, 2048)
ED25519 = ed25519.Ed25519PrivateKey.generate()


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


KEYS = [DkimKey("example.com", "rsa", pem(RSA)), DkimKey("example.com", "ed", pem(ED25519))]


@pytest.fixture(scope="module", autouse=True)
def ed25519_in_dkimpy() -> Iterator[None]:
    with knowing_ed25519():
        yield


def published(name: bytes, timeout: int = 5) -> bytes:
    """What DNS would answer."""
    assert timeout
    if name == b"rsa._domainkey.example.com.":
        spki = RSA.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(spki)
    raw = ED25519.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(raw)


def valid(payload: bytes, index: int = 0) -> bool:
    try:
        return bool(dkim.DKIM(payload).verify(idx=index, dnsfunc=published))
    except dkim.ValidationError:
        return False


def composed(text: str = "Text", html: str | None = "<p>Zoë</p>", subject: str = "Hi") -> bytes:
    return compose(content(subject, text, html), "anna@example.org", ENVELOPE)


@given(text=BODIES, html=st.one_of(st.none(), BODIES), subject=st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_mail_verifies_with_both_algorithms(text: str, html: str | None, subject: str):
    mail = sign(composed(text, html, subject), KEYS)
    assert valid(mail, 0)
    assert valid(mail, 1)
    assert parsed(mail).get_all("DKIM-Signature", []) != []


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.selector)
def test_one_key_gives_one_signature(key: DkimKey):
    mail = sign(composed(), [key])
    assert mail.count(b"DKIM-Signature:") == 1
    assert valid(mail)


def test_signed_mail_is_seven_bit_and_ends_as_it_was():
    payload = composed(html="<p>plain</p>")
    assert sign(payload, KEYS).endswith(payload)
    assert sign(composed(html="é" * 5000), KEYS).isascii()


def test_a_signed_message_needs_no_eight_bit_server():
    message = email.compose(content(html="é\n" * 500), "anna@example.org", ENVELOPE)
    assert message.eight_bit
    with_signature = signed(message, KEYS)
    assert not with_signature.eight_bit
    assert valid(with_signature.payload)


def test_without_a_key_there_is_no_signature():
    assert b"DKIM" not in sign(composed(), [])


def test_the_same_mail_always_gets_the_same_signature():
    assert sign(composed(), KEYS) == sign(composed(), KEYS)


def test_lines_of_the_signature_are_short():
    head = sign(composed(), KEYS).split(b"\r\nFrom:")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "header",
    ["Subject", "From", "To", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
     "List-Id", "Content-Type", "MIME-Version", "Reply-To", "Cc", "Feedback-ID"],
)  # fmt: skip
def test_nobody_can_add_a_header_that_matters(header: str):
    mail = sign(composed(), KEYS[:1])
    assert valid(mail)
    assert not valid(f"{header}: added\r\n".encode() + mail)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [(b"Subject: Hi", b"Subject: Ho"), (b"Text", b"Test"), (b"news@", b"nevs@")],
)
def test_nobody_can_change_what_is_signed(was: bytes, becomes: bytes):
    mail = sign(composed(), KEYS[:1])
    assert was in mail
    assert not valid(mail.replace(was, becomes, 1))


def test_a_mail_without_optional_headers_verifies():
    lean = envelope(unsubscribe_url=None, recipient_name=None)
    assert valid(sign(compose(content(), "a@b.org", lean), KEYS))


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b"a", b"a\r\n"),
        (b"a \t b\t\r\n\r\n\r\n", b"a b\r\n"),
        (b" a\r\n \r\n", b" a\r\n"),
        (b"a\r\n\r\nb \r\n", b"a\r\n\r\nb\r\n"),
    ],
)
def test_relaxes_a_body(body: bytes, relaxed: bytes):
    assert relaxed_body(body) == relaxed


def test_refuses_a_key_that_receivers_would_not_take():
    small = pem(rsa.generate_private_key(65537, 1024))
    other = pem(ec.generate_private_key(ec.SECP256R1()))
    for bad in (small, other, "no key"):
        with pytest.raises(ValueError, match="the DKIM key of example"):
            sign(composed(), [DkimKey("example.com", "s", bad)])


def test_a_key_never_shows_itself():
    assert "PRIVATE" not in repr(KEYS[0])
