"""What a server said it can do, in its answer to EHLO."""

from dataclasses import dataclass

from delivery.providers.smtp.replies import Answer


@dataclass(frozen=True, slots=True)
class Extensions:
    """The service extensions we make use of.

    Attributes:
        pipelining: Commands may be sent without waiting (RFC 2920).
        eight_bit: Bodies may hold octets over 127 (RFC 6152).
        utf8: Addresses and headers may hold UTF-8 (RFC 6531).
        starttls: The session can become encrypted (RFC 3207).
        sizes: MAIL may name the message's size (RFC 1870).
        size: Most octets a message may have; 0 when not said.
        auth: SASL mechanisms, upper case (RFC 4954).
    """

    pipelining: bool = False
    eight_bit: bool = False
    utf8: bool = False
    starttls: bool = False
    sizes: bool = False
    size: int = 0
    auth: frozenset[str] = frozenset()


def read_extensions(answer: Answer) -> Extensions:
    """The extensions named by a positive answer to EHLO."""
    lines = [line.decode("ascii", "replace").upper().split() for line in answer.lines[1:]]
    named = {words[0]: words[1:] for words in lines if words}
    return Extensions(
        pipelining="PIPELINING" in named,
        eight_bit="8BITMIME" in named,
        utf8="SMTPUTF8" in named,
        starttls="STARTTLS" in named,
        sizes="SIZE" in named,
        size=_number(named.get("SIZE", [])),
        auth=frozenset(named.get("AUTH", [])),
    )


def _number(words: list[str]) -> int:
    return int(words[0]) if words and words[0].isascii() and words[0].isdigit() else 0
