"""What a server says: replies read from bytes, and what each refusal means for us."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

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
from delivery.providers.smtp.stages import Stage

_ANY = frozenset(Stage)
_OPENING = frozenset({Stage.GREETING, Stage.EHLO, Stage.STARTTLS})
_AUTH = frozenset({Stage.AUTH})
_SENDER = frozenset({Stage.MAIL})
_RECIPIENT = frozenset({Stage.RCPT})
_MESSAGE = frozenset({Stage.DATA, Stage.CONTENT, Stage.END})

MEANINGS: tuple[tuple[str, frozenset[Stage], type[ProviderError]], ...] = (
    # "code enhanced" as a shell pattern, "-" where the server gave no enhanced code
    # (RFC 5321 4.2.3, RFC 3463, RFC 7504). The first row that matches decides.
    ("421 4.7.*", _ANY, ThrottledError),
    ("??? 4.7.28", _ANY, ThrottledError),
    ("421 *", _ANY, UnavailableError),
    ("432 *", _AUTH, AccountError),  # RFC 4954: the password must be changed first
    ("4?? *", _OPENING | _AUTH, UnavailableError),
    ("454 *", _ANY, UnavailableError),
    ("4?? *", _ANY, TransientError),
    ("530 *", _ANY, AccountError),
    ("534 *", _ANY, AccountError),
    ("535 *", _ANY, AccountError),
    ("538 *", _ANY, AccountError),
    ("5?? *", _AUTH, AccountError),
    # A server that turns everybody away at the door may be let in again later: not the mail's
    # fault, and a breaker can see it.
    ("5?? *", _OPENING, UnavailableError),
    # Policy and authentication are our own trouble: never held against the address.
    ("??? 5.7.*", _ANY, ContentRefused),
    # Whatever is said about an address in answer to MAIL is said about the sender's.
    ("5?? *", _SENDER, ContentRefused),
    ("??? 5.1.[12346]", _ANY, AddressRefused),
    ("??? 5.1.10", _ANY, AddressRefused),
    ("??? 5.2.1", _ANY, AddressRefused),
    ("??? 5.1.0", _RECIPIENT, AddressRefused),
    # A full mailbox is emptied some day.
    ("??? 5.2.2", _ANY, TransientError),
    ("552 -", _RECIPIENT, TransientError),
    ("??? 5.*", _ANY, ContentRefused),
    ("55[0136] -", _RECIPIENT, AddressRefused),
    ("5?? *", _ANY, ContentRefused),
)

LONGEST_TEXT = 500
"""Characters of a server's words that are kept."""
_LONGEST_LINE = 4096
"""Octets; RFC 5321 4.5.3.1.5 allows 512, real servers say more."""
_MOST_LINES = 256

_CODES = {b"%d" % code: code for code in range(200, 600)}
_LAST = (b" ", b"")
"""What follows the code in the last line of a reply; a hyphen in those before it."""
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")


class UnreadableReplyError(Exception):
    """What came is not a reply: the two sides no longer understand each other."""


class Answer(NamedTuple):
    """A reply as it came: its code and what follows it in each line."""

    code: int
    lines: tuple[bytes, ...]


class ReplyReader:
    """Turns bytes, however they are cut, into answers (RFC 5321, section 4.2)."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._code = b""

    def feed(self, data: bytes) -> Iterator[Answer]:
        """The answers that are complete now, each as soon as it is.

        Raises:
            UnreadableReplyError: After the answers before it, where the garbage begins.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if answer := self._read(line):
                yield answer
        if len(self._rest) > _LONGEST_LINE:
            raise UnreadableReplyError("an endless reply line")

    def clear(self) -> bool:
        """Forget what is incomplete; whether there was anything."""
        waste = bool(self._rest or self._lines)
        self._rest = b""
        self._lines.clear()
        return waste

    def _read(self, line: bytes) -> Answer | None:
        # No regex: this runs four times a message.
        line = line.rstrip(b"\r")
        code, mark = line[:3], line[3:4]
        known = _CODES.get(code)
        if known is None or (self._lines and code != self._code):
            raise UnreadableReplyError("not a reply, or one with two codes")
        if mark in _LAST:
            answer = Answer(known, (*self._lines, line[4:]))
            self._lines.clear()
            return answer
        if mark != b"-" or len(self._lines) == _MOST_LINES:
            raise UnreadableReplyError("not a reply, or one without end")
        self._code = code
        self._lines.append(line[4:])
        return None


def reply_of(answer: Answer) -> Reply:
    """The answer in one clean line, its enhanced code apart from its text."""
    texts = [_clean(line) for line in answer.lines]
    first = _ENHANCED.match(texts[0])
    enhanced = first[1] if first and first[1][0] == str(answer.code)[0] else None
    if enhanced:
        texts = [text.removeprefix(enhanced).lstrip() for text in texts]
    return Reply(answer.code, " ".join(filter(None, texts))[:LONGEST_TEXT], enhanced)


def _clean(line: bytes) -> str:
    text = line.decode("utf-8", "replace")
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text.strip()


def meaning(reply: Reply, stage: Stage) -> type[ProviderError]:
    """What a 4yz or 5yz reply at this stage says about what we do next."""
    words = f"{reply.code} {reply.enhanced or '-'}"
    return next(
        kind
        for pattern, stages, kind in MEANINGS
        if stage in stages and fnmatchcase(words, pattern)
    )


def refusal(answer: Answer, stage: Stage) -> ProviderError:
    """The error that a 4yz or 5yz answer at this stage is."""
    reply = reply_of(answer)
    code = " ".join(filter(None, (str(reply.code), reply.enhanced)))
    return meaning(reply, stage)(f"{stage}: {code} {reply.text}".rstrip(), reply)
