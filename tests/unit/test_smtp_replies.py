"""Replies: cut anywhere, cleaned, and understood by one table."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from delivery.errors import (
    AccountError,
    AddressRefused,
    ContentRefused,
    ProviderError,
    Reply,
    ThrottledError,
    TransientError,
    UnavailableError,
)
from delivery.providers.smtp.replies import (
    LONGEST_TEXT,
    Answer,
    ReplyReader,
    UnreadableReplyError,
    meaning,
    refusal,
    reply_of,
)
from delivery.providers.smtp.stages import Stage

STREAM = b"250-one\r\n250-\r\n250 three\r\n354 go\r\n550-5.1.1 no\r\n550 5.1.1 such user\r\n221\r\n"
ANSWERS = [
    Answer(250, (b"one", b"", b"three")),
    Answer(354, (b"go",)),
    Answer(550, (b"5.1.1 no", b"5.1.1 such user")),
    Answer(221, (b"",)),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_reads_the_same_answers_wherever_the_bytes_are_cut(cuts: list[int]):
    reader, answers = ReplyReader(), []
    places = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(places):
        answers += reader.feed(STREAM[start:end])
    assert answers == ANSWERS


def test_takes_a_bare_line_feed_as_the_end_of_a_reply():
    assert list(ReplyReader().feed(b"250 ok\n")) == [Answer(250, (b"ok",))]


@pytest.mark.parametrize(
    "garbage",
    [b"hello\r\n", b"25x no\r\n", b"999 no\r\n", b"\r\n", b"250_no\r\n", b"250-a\r\n251 b\r\n",
     b"\x00\xff\r\n", b"x" * 5000, b"250-a\r\n" * 300],
)  # fmt: skip
def test_calls_what_is_no_reply_unreadable(garbage: bytes):
    with pytest.raises(UnreadableReplyError):
        list(ReplyReader().feed(garbage))


def test_gives_the_answers_that_came_before_the_garbage():
    answers = ReplyReader().feed(b"250 ok\r\nrubbish\r\n")
    assert next(answers) == Answer(250, (b"ok",))
    with pytest.raises(UnreadableReplyError):
        next(answers)


@pytest.mark.parametrize(
    ("lines", "reply"),
    [
        ((b"2.0.0 Ok",), Reply(250, "Ok", "2.0.0")),
        ((b"Ok",), Reply(250, "Ok")),
        ((b"2.1.5",), Reply(250, "", "2.1.5")),
        ((b"5.1.1 of another class",), Reply(250, "5.1.1 of another class")),
        ((b"2.0.0 one", b"2.0.0 two", b"three"), Reply(250, "one two three", "2.0.0")),
        ((b"ok \x1b[31mred\x07\x00", b"\ttab"), Reply(250, "ok  [31mred tab")),
        (("gr\u00fc\u00dfe \u202eevil".encode(),), Reply(250, "gr\u00fc\u00dfe  evil")),
        ((b"\xff\xfe",), Reply(250, "\ufffd\ufffd")),
    ],
)
def test_makes_one_clean_line_of_an_answer(lines: tuple[bytes, ...], reply: Reply):
    assert reply_of(Answer(250, lines)) == reply


def test_keeps_at_most_500_characters():
    assert len(reply_of(Answer(550, (b"x" * 400, b"y" * 400))).text) == LONGEST_TEXT == 500


@pytest.mark.parametrize(
    ("code", "enhanced", "stage", "kind"),
    [
        (421, None, Stage.MAIL, UnavailableError),
        (421, "4.3.2", Stage.END, UnavailableError),
        (421, "4.7.0", Stage.GREETING, ThrottledError),
        (421, "4.7.28", Stage.END, ThrottledError),
        (450, "4.7.28", Stage.RCPT, ThrottledError),
        (550, "4.7.28", Stage.RCPT, ThrottledError),
        (450, None, Stage.RCPT, TransientError),
        (450, "4.7.1", Stage.RCPT, TransientError),
        (451, "4.3.0", Stage.END, TransientError),
        (452, "4.2.2", Stage.RCPT, TransientError),
        (452, "4.3.1", Stage.MAIL, TransientError),
        (454, None, Stage.STARTTLS, UnavailableError),
        (454, "4.7.0", Stage.AUTH, UnavailableError),
        (432, "4.7.12", Stage.AUTH, AccountError),
        (450, None, Stage.GREETING, UnavailableError),
        (554, None, Stage.GREETING, UnavailableError),
        (554, "5.7.1", Stage.GREETING, UnavailableError),
        (530, "5.7.0", Stage.MAIL, AccountError),
        (530, "5.7.57", Stage.END, AccountError),
        (534, "5.7.9", Stage.AUTH, AccountError),
        (535, "5.7.8", Stage.AUTH, AccountError),
        (538, None, Stage.AUTH, AccountError),
        (500, None, Stage.AUTH, AccountError),
        (550, None, Stage.RCPT, AddressRefused),
        (550, "5.1.1", Stage.RCPT, AddressRefused),
        (550, "5.1.1", Stage.END, AddressRefused),
        (550, "5.1.0", Stage.RCPT, AddressRefused),
        (550, "5.1.2", Stage.RCPT, AddressRefused),
        (556, "5.1.10", Stage.RCPT, AddressRefused),
        (556, None, Stage.RCPT, AddressRefused),
        (550, "5.1.6", Stage.RCPT, AddressRefused),
        (550, "5.2.1", Stage.RCPT, AddressRefused),
        (551, None, Stage.RCPT, AddressRefused),
        (553, None, Stage.RCPT, AddressRefused),
        (550, "5.7.1", Stage.RCPT, ContentRefused),
        (550, "5.7.515", Stage.END, ContentRefused),
        (550, "5.7.27", Stage.RCPT, ContentRefused),
        (554, "5.7.1", Stage.RCPT, ContentRefused),
        (554, None, Stage.RCPT, ContentRefused),
        (550, None, Stage.DATA, ContentRefused),
        (550, None, Stage.END, ContentRefused),
        (550, None, Stage.MAIL, ContentRefused),
        (550, "5.1.1", Stage.MAIL, ContentRefused),
        (553, "5.1.8", Stage.MAIL, ContentRefused),
        (550, "5.1.8", Stage.RCPT, ContentRefused),
        (552, "5.2.2", Stage.RCPT, TransientError),
        (552, "5.2.2", Stage.END, TransientError),
        (552, None, Stage.RCPT, TransientError),
        (552, None, Stage.MAIL, ContentRefused),
        (552, None, Stage.END, ContentRefused),
        (552, "5.3.4", Stage.MAIL, ContentRefused),
        (552, "5.2.3", Stage.RCPT, ContentRefused),
        (554, "5.6.0", Stage.END, ContentRefused),
        (554, "5.4.6", Stage.RCPT, ContentRefused),
        (500, None, Stage.MAIL, ContentRefused),
        (501, "5.5.4", Stage.RCPT, ContentRefused),
        (502, None, Stage.DATA, ContentRefused),
        (503, "5.5.1", Stage.DATA, ContentRefused),
        (555, None, Stage.MAIL, ContentRefused),
    ],
)
def test_knows_what_a_refusal_means(
    code: int, enhanced: str | None, stage: Stage, kind: type[ProviderError]
):
    assert meaning(Reply(code, "", enhanced), stage) is kind


@given(
    st.integers(400, 599),
    st.none() | st.from_regex(r"[45]\.\d{1,3}\.\d{1,3}", fullmatch=True),
    st.sampled_from(Stage),
)
def test_gives_every_refusal_a_meaning(code: int, enhanced: str | None, stage: Stage):
    assert meaning(Reply(code, "", enhanced), stage)


@given(st.integers(400, 599), st.integers(0, 999), st.sampled_from(Stage))
def test_never_holds_policy_against_the_address(code: int, detail: int, stage: Stage):
    assert meaning(Reply(code, "", f"5.7.{detail}"), stage) is not AddressRefused


def test_an_error_says_where_and_what_the_server_said():
    error = refusal(Answer(550, (b"5.1.1 no such user",)), Stage.RCPT)
    assert str(error) == "RCPT TO: 550 5.1.1 no such user"
    assert error.reply == Reply(550, "no such user", "5.1.1")
