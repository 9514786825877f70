"""Taking one person out of what is kept of others: their id, addresses and name give way. Pure.

What a field says exactly gives way whatever it is. Inside longer texts addresses and whole names
of several words do, and the id where the text is itself a name (`dm:anna`); a single word does
not: many people are called Anna, and what was told to others stays readable.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Veil:
    """Who gives way to what.

    Attributes:
        known_as: What stands there afterwards.
    """

    recipient_id: str
    known_as: str
    name: str | None = None
    addresses: tuple[str, ...] = ()

    @property
    def exact(self) -> frozenset[str]:
        """What gives way where it is all that is said."""
        return frozenset(filter(None, (self.recipient_id, self.name, *self.addresses)))

    @property
    def telling(self) -> tuple[str, ...]:
        """What gives way inside of texts, the longest first."""
        named = {self.name} if self.name and len(self.name.split()) > 1 else set()
        mailed = {self.recipient_id} if "@" in self.recipient_id else set()
        return tuple(sorted({*self.addresses, *named, *mailed}, key=len, reverse=True))

    @cached_property
    def _inside(self) -> re.Pattern[str] | None:
        words = "|".join(map(re.escape, self.telling))
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None

    @cached_property
    def _token(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w-]){re.escape(self.recipient_id)}(?![\w-])")

    def text(self, text: str) -> str:
        """The text without the person."""
        if text in self.exact:
            return self.known_as
        if self._inside is not None:
            text = self._inside.sub(self.known_as, text)
        return text if re.search(r"\s", text) else self._token.sub(self.known_as, text)

    def value(self, value: Any) -> Any:
        """JSON without the person, names of members included."""
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.text(name): self.value(each) for name, each in value.items()}
            case list() | tuple():
                return [self.value(each) for each in value]
            case _:
                return value
