"""What strangers may send: never an error, never slow."""

import base64
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings, strategies as st

from delivery.bounces.reading import read
from delivery.bounces.reports import Kind, Reason
from tests.unit.bounces.letters import dsn, failed, feedback, letter
from tests.unit.bounces.test_dialects import EXIM, QMAIL, SENDMAIL_5, A

SEEDS = [
    dsn(failed(A, "550 5.1.1 user unknown", "5.1.1")),
    feedback(f"Feedback-Type: abuse\nOriginal-Rcpt-To: {A}\n"),
    *(letter(text, Subject="failure notice") for text in (EXIM, QMAIL, SENDMAIL_5)),
]
SLOWEST = 0.1
"""Seconds of CPU a mail may take here: twice the promise, for machines that are busy."""


def sound(raw: bytes) -> None:
    reading = read(raw)
    for report in reading.reports:
        assert report.kind in Kind
        assert report.reason in Reason
        assert len(report.diagnostic) <= 500
        assert report.diagnostic.isprintable()
        assert len(report.recipient) < 400
        assert (report.kind is Kind.HARD) <= (report.recipient != "" or report.status != "")
    assert read(raw) == reading


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_any_octets(raw: bytes):
    sound(raw)


@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=300, deadline=None)
def test_cut_anywhere(seed: bytes, data: st.DataObject):
    start = data.draw(st.integers(0, len(seed)))
    sound(seed[start : data.draw(st.integers(start, len(seed)))])


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255))))
@settings(max_examples=300, deadline=None)
def test_octets_flipped(seed: bytes, flips: list[tuple[int, int]]):
    raw = bytearray(seed)
    for at, octet in flips:
        raw[at % len(raw)] = octet
    sound(bytes(raw))


@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=200, deadline=None)
def test_lines_shuffled_and_repeated(seed: bytes, data: st.DataObject):
    lines = seed.split(b"\n")
    sound(b"\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=80))))


def nested(depth: int) -> bytes:
    head = "".join(
        f'Content-Type: multipart/mixed; boundary="b{at}"\n\n--b{at}\n' for at in range(depth)
    )
    return letter("").rstrip(b"\n") + b"\n" + head.encode() + SEEDS[0]


MEBIBYTE = 1024 * 1024
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a line of 10 MB": lambda: letter("550 user unknown " * (10 * MEBIBYTE // 17)),
    "10 MB of one letter": lambda: letter("a" * 10 * MEBIBYTE),
    "10 MB of addresses": lambda: letter(f"{A} " * (10 * MEBIBYTE // 17), Subject="failure notice"),
    "10 MB of empty lines": lambda: letter("\n" * 10 * MEBIBYTE),
    "10 MB of carriage returns": lambda: SEEDS[0] + b"\r" * 10 * MEBIBYTE,
    "10 MB of spaces": lambda: letter("to " + " " * 10 * MEBIBYTE),
    "a header of 10 MB": lambda: letter("x", Subject="a" * 10 * MEBIBYTE),
    "an encoded word of 1 MB": lambda: letter("x", Subject="=?utf-8?q?" + "=20" * MEBIBYTE + "?="),
    "100,000 headers": lambda: b"X-A: b\n" * 100_000 + SEEDS[0],
    "100,000 folded lines": lambda: b"Subject: a\n" + b" b\n" * 100_000 + SEEDS[0],
    "10,000 From": lambda: b"From: a@example.org\n" * 10_000 + SEEDS[2],
    "10,000 failed recipients": lambda: letter("x", X_Failed_Recipients=f"{A}, " * 10_000),
    "10,000 different recipients": lambda: dsn(
        failed(f"a{at}@example.com", "550 5.1.1 unknown") for at in range(10_000)
    ),
    "10,000 recipients in text": lambda: letter(
        "".join(f"<a{at}@example.com>:\n550 user unknown\n\n" for at in range(10_000)),
        Subject="failure notice",
    ),
    "1,000 levels": lambda: nested(1000),
    "100,000 delimiters": lambda: SEEDS[0].replace(b"--=_x\n", b"--=_x\n" * 100_000),
    "100,000 near delimiters": lambda: SEEDS[0].replace(b"--=_x\n", b"--=_x9\n" * 100_000),
    "10 MB of base64": lambda: letter(
        base64.encodebytes(b"550 user unknown " * 400_000).decode(),
        Subject="failure notice",
        Content_Transfer_Encoding="base64",
    ),
    "10 MB of quoted-printable": lambda: letter(
        "=3D=\n" * (2 * MEBIBYTE), Content_Transfer_Encoding="quoted-printable"
    ),
    "deep JSON": lambda: letter("[" * 100_000, X_Amz_Sns_Message_Id="1"),
    "deep objects": lambda: letter('{"a":' * 100_000, X_Amz_Sns_Message_Id="1"),
    "a diagnostic of 1 MB": lambda: dsn(failed(A, "user " * (MEBIBYTE // 5))),
    "dots": lambda: dsn(failed(A, "a." * MEBIBYTE)),
    "at signs": lambda: dsn(failed(A, "a@" * MEBIBYTE)),
    "brackets": lambda: letter("<" * MEBIBYTE, Subject="failure notice"),
    "tags": lambda: letter("<a" * MEBIBYTE, Content_Type="text/html", Subject="failure notice"),
    "stars": lambda: letter("* > - " * MEBIBYTE, Subject="failure notice"),
    "dashes": lambda: letter("-" * MEBIBYTE, Subject="failure notice"),
    "10,000 mails in an mbox": lambda: b"From x 10:00:00 2026\n\n" * 10_000,
}  # fmt: skip


@pytest.mark.parametrize("made", HOSTILE.values(), ids=HOSTILE)
def test_is_soon_done_with(made: Callable[[], bytes]):
    raw = made()
    started = time.process_time()
    read(raw)
    assert time.process_time() - started < SLOWEST
