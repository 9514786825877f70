"""A message made ready for the wire: checked, dot-stuffed, with its two envelope lines."""

import re
from dataclasses import dataclass, replace

from delivery.errors import ContentRefused
from delivery.messages import Message
from delivery.providers.smtp.extensions import Extensions
from delivery.rendering.mime import seven_bit

_ADDRESS = re.compile(r"[^\x00-\x20\x7f-\xa0<>\u2028\u2029\ud800-\udfff]{1,320}")
"""Nothing that could end an envelope line or start another (320: RFC 3696, erratum 1690)."""

_DOTS = re.compile(rb"\n\.")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it goes over the wire.

    Attributes:
        sender: The return path, without angle brackets; empty for none.
        recipient: The address, without angle brackets.
        payload: The message as it will be kept: not dot-stuffed.
        content: The message as it is transmitted: dot-stuffed, without the final dot.
        eight_bit: It needs 8BITMIME.
        utf8: It needs SMTPUTF8.
    """

    sender: bytes
    recipient: bytes
    payload: bytes
    content: bytes
    eight_bit: bool
    utf8: bool


def write_letter(message: Message) -> Letter:
    """The message made ready for any server.

    Raises:
        ContentRefused: An address or the payload could break out of its place.
    """
    if message.return_path and not _ADDRESS.fullmatch(message.return_path):
        raise ContentRefused("the return path is no envelope address")
    if not _ADDRESS.fullmatch(message.recipient):
        raise ContentRefused("the recipient is no envelope address")
    utf8 = message.utf8_address or not (
        message.return_path.isascii() and message.recipient.isascii()
    )
    return Letter(
        sender=message.return_path.encode(),
        recipient=message.recipient.encode(),
        payload=message.payload,
        content=_stuffed(_whole_lines(message.payload)),
        eight_bit=not message.payload.isascii(),
        utf8=utf8,
    )


def _whole_lines(payload: bytes) -> bytes:
    """The payload, if every line ends in CRLF and no CR or LF stands alone.

    A bare one is read as a line's end by some servers and not by others: SMTP smuggling.
    """
    # Faster than to look for them: three passes of memchr and one of memcmp.
    if payload.replace(b"\r", b"").replace(b"\n", b"\r\n") != payload:
        raise ContentRefused("the message holds a CR or LF that is not part of CRLF")
    return payload if payload.endswith(b"\r\n") else payload + b"\r\n"


def _stuffed(lines: bytes) -> bytes:
    """The lines with each one's first dot doubled (RFC 5321, section 4.5.2)."""
    # With as few dots as mails have, a regex beats `replace`: it looks for the rarer octet.
    stuffed = _DOTS.sub(b"\n..", lines)
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def fitted(letter: Letter, extensions: Extensions) -> Letter:
    """The letter in a form that a server with these extensions takes.

    Raises:
        ContentRefused: There is none; nothing was sent.
    """
    if letter.utf8 and not extensions.utf8:
        raise ContentRefused("an address or header needs SMTPUTF8, which the server lacks")
    if letter.eight_bit and not extensions.eight_bit:
        letter = _converted(letter)
    if extensions.size and len(letter.payload) > extensions.size:
        raise ContentRefused(
            f"{len(letter.payload)} octets, and the server takes at most {extensions.size}"
        )
    return letter


def _converted(letter: Letter) -> Letter:
    head, _, _ = letter.payload.partition(b"\r\n\r\n")
    if b"\r\ndkim-signature:" in b"\r\n" + head.lower():
        raise ContentRefused("a signed 8-bit message, and the server takes only 7 bits")
    payload = seven_bit(letter.payload)
    if not payload.isascii():
        raise ContentRefused("8-bit headers, and the server takes only 7 bits")
    content = _stuffed(_whole_lines(payload))
    return replace(letter, payload=payload, content=content, eight_bit=False)


def mail_line(letter: Letter, extensions: Extensions) -> bytes:
    """The MAIL command for a server with these extensions."""
    return b"MAIL FROM:<%b>%b%b%b\r\n" % (
        letter.sender,
        b" SIZE=%d" % len(letter.payload) if extensions.sizes else b"",
        b" BODY=8BITMIME" if letter.eight_bit else b"",
        b" SMTPUTF8" if letter.utf8 else b"",
    )


def rcpt_line(letter: Letter) -> bytes:
    """The RCPT command."""
    return b"RCPT TO:<%b>\r\n" % letter.recipient
