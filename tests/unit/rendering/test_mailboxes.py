"""Where answers go: what a document may say, and what it may come to."""

import pytest

from delivery.errors import RenderingError
from delivery.rendering.mailboxes import fault, mailbox


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("support@example.com", None),
        ("Support <support@example.com>", None),
        ("{{ data.owner.email }}", None),
        ("{{ data.name }} <{{ data.mail }}>", None),
        ("support", "write a mailbox"),
        ("a@example.com, b@example.com", "write a mailbox"),
        ("{{ data.owner", "unexpected end of template"),
        ("{% if %}", "Expected an expression"),
    ],
)
def test_a_document_names_a_mailbox_or_jinja(source: str, said: str | None):
    found = fault(source)
    assert found is None if said is None else said in str(found)


def test_what_was_filled_in_is_a_mailbox_or_nothing():
    assert mailbox("Ada <ada@example.com>") == "Ada <ada@example.com>"
    assert mailbox("") is None


@pytest.mark.parametrize("said", ["ada", "<>", "a@b.example, c@d.example", "a@b.example\r\nBcc: x"])
def test_what_is_none_is_refused_without_saying_it(said: str):
    with pytest.raises(RenderingError) as error:
        mailbox(said)
    assert said not in str(error.value)
