"""Where an IMAP mailbox is: what its URL says, and what is wrong with it, without its secrets."""

import pytest

from delivery.providers.smtp.target import Tls
from scheduler.returns.imap import Mailbox, read_url


@pytest.mark.parametrize(
    ("url", "mailbox"),
    [
        (
            "imaps://anna:s%40e@imap.example.com",
            Mailbox("imap.example.com", 993, Tls.IMPLICIT, "anna", "s@e"),
        ),
        (
            "imap://anna:x@imap.example.com/Back%20here?tls=starttls&done=Done&every=5&ca=/ca.pem",
            Mailbox(
                "imap.example.com", 143, Tls.STARTTLS, "anna", "x", "Back here", "Done", 5.0,
                "/ca.pem",
            ),
        ),
        (
            "imap://anna:x@imap.example.com",
            Mailbox("imap.example.com", 993, Tls.IMPLICIT, "anna", "x"),
        ),
        ("imap://anna@localhost:1143/", Mailbox("localhost", 1143, Tls.NONE, "anna", "")),
        ("", None),
    ],
)  # fmt: skip
def test_a_url_names_a_mailbox(url: str, mailbox: Mailbox | None):
    assert read_url(url) == mailbox
    assert "s@e" not in repr(mailbox)


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("pop3://anna:hush@x", "must begin with imap"),
        ("imap://:hush@x", "no host or no user"),
        ("imap://anna:hush@", "no host or no user"),
        ("imap://anna:hush@x:port", "Port could not"),
        ("imap://anna:hush@x?tls=none", "in the clear"),
        ("imap://anna:hush@x?tls=some", "some"),
        ("imaps://anna:hush@x?tls=starttls", "is implicit TLS"),
        ("imap://anna:hush@x?folder=y", "unknown option folder"),
        ("imap://anna:hush@x?every=0", "from 1"),
        ("imap://anna:hush@x?every", "every"),
    ],
)
def test_what_is_wrong_is_told_without_the_password(url: str, what: str):
    with pytest.raises(ValueError, match=what) as raised:
        read_url(url)
    assert str(raised.value).startswith("TIDINGS_BOUNCE_IMAP_URL: ")
    assert "hush" not in str(raised.value)
