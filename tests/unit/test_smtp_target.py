"""What an account's URL says."""

import pytest

from delivery.errors import AccountError
from delivery.providers.smtp.target import Target, Tls, read_target


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("smtp://127.0.0.1:2525", Target("127.0.0.1", 2525, Tls.NONE, clear_auth=True)),
        ("smtp://localhost", Target("localhost", 25, Tls.NONE, clear_auth=True)),
        ("smtp://[::1]:26", Target("::1", 26, Tls.NONE, clear_auth=True)),
        ("smtp://mx.example", Target("mx.example", 25, Tls.STARTTLS)),
        ("smtps://mx.example", Target("mx.example", 465, Tls.IMPLICIT)),
        ("smtp://mx.example?tls=implicit", Target("mx.example", 465, Tls.IMPLICIT)),
        ("smtp://localhost?tls=starttls",
         Target("localhost", 25, Tls.STARTTLS, clear_auth=True)),
        ("smtp://an%40na:p%2F%3A@mx.example",
         Target("mx.example", 587, Tls.STARTTLS, user="an@na", password="p/:")),
        ("smtp://mx.example:26?tls=none&auth=insecure&verify=no&connections=3&helo=us.example",
         Target("mx.example", 26, Tls.NONE, verify=False, clear_auth=True, connections=3,
                helo="us.example")),
        ("smtps://mx.example?messages=7&ca=/ca.pem",
         Target("mx.example", 465, Tls.IMPLICIT, ca="/ca.pem", messages=7)),
    ],
)  # fmt: skip
def test_reads_a_url(url: str, target: Target):
    assert read_target(url) == target


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://mx.example", "smtp://"),
        ("smtp://", "no host"),
        ("smtp://mx.example:99999", "[Pp]ort"),
        ("smtp://mx..example", "label"),
        ("smtp://mx.example?tsl=none", "unknown option tsl"),
        ("smtp://mx.example?tls=maybe", "tls must be"),
        ("smtps://mx.example?tls=none", "implicit TLS"),
        ("smtp://mx.example?verify=perhaps", "verify must be"),
        ("smtp://mx.example?connections=0", "connections must be"),
        ("smtp://mx.example?messages=many", "messages must be"),
        ("smtp://mx.example?helo=a%0d%0aMAIL", "helo must be"),
        ("smtp://mx.example?tls", "bad"),
    ],
)
def test_says_what_is_wrong_with_a_url_and_keeps_the_password_to_itself(url: str, why: str):
    with pytest.raises(AccountError, match=why) as caught:
        read_target(url.replace("://mx", "://anna:secret@mx"))
    assert "secret" not in str(caught.value)


def test_does_not_show_the_password():
    assert "secret" not in repr(read_target("smtp://anna:secret@mx.example"))
