"""Text messages: in which alphabet a text travels, and in how many parts. Pure.

Source: 3GPP TS 23.038 (the alphabets) and TS 23.040, section 9.2.3.24.1 (parts put together:
a header of 6 octets in each takes the room of 7 septets, or of 3 characters of UCS-2).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Written with an escape before them: two septets, which stay in one part."""
_LARGEST = 0xFFFF
"""The last character that is one unit of UCS-2; others are two, which stay in one part."""


class Alphabet(StrEnum):
    """How the characters of a text message travel."""

    GSM = "GSM 03.38"
    """7 bits a character: 160 in one part, 153 in each of several."""
    UCS2 = "UCS-2"
    """16 bits a character: 70 in one part, 67 in each of several."""


_ROOM = {Alphabet.GSM: (160, 153), Alphabet.UCS2: (70, 67)}


@dataclass(frozen=True, slots=True)
class Sms:
    """A text as it travels.

    Attributes:
        units: Septets, or 16-bit units, of the whole text.
        parts: What each of its messages says.
        foreign: The characters for which it is not in the GSM alphabet, each once, in order.
    """

    alphabet: Alphabet
    units: int
    parts: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def room(self) -> int:
        """Units that still fit into the last part."""
        alone, among = _ROOM[self.alphabet]
        size = alone if len(self.parts) == 1 else among
        return size - sum(map(_measure(self.alphabet), self.parts[-1]))


def sms(text: str) -> Sms:
    """A text as text messages: one, or as many as it takes. Its lines end in LF."""
    text = text.replace("\r\n", "\n")
    foreign = tuple(dict.fromkeys(each for each in text if each not in _BASIC | _EXTENDED))
    alphabet = Alphabet.UCS2 if foreign else Alphabet.GSM
    measure = _measure(alphabet)
    units = sum(map(measure, text))
    alone, among = _ROOM[alphabet]
    parts = (text,) if units <= alone else tuple(_parted(text, among, measure))
    return Sms(alphabet, units, parts, foreign)


def _measure(alphabet: Alphabet) -> Callable[[str], int]:
    if alphabet is Alphabet.GSM:
        return lambda character: 1 + (character in _EXTENDED)
    return lambda character: 1 + (ord(character) > _LARGEST)


def _parted(text: str, size: int, measure: Callable[[str], int]) -> Iterator[str]:
    start, room = 0, size
    for at, character in enumerate(text):
        units = measure(character)
        if units > room:
            yield text[start:at]
            start, room = at, size
        room -= units
    yield text[start:]
