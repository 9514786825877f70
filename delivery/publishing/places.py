"""Where mails lead and what they load: the addresses in a compiled page, Jinja and all."""

from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser

from delivery.rendering.tokens import Protected, protect

_VOID_LINKS = frozenset({"a", "area"})
_Attributes = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Place:
    """One address.

    Attributes:
        address: As it is written, Jinja included, entities undone.
        loads: A client fetches it by itself, as an image; else somebody follows it.
    """

    address: str
    loads: bool


@lru_cache(maxsize=64)
def places(compiled: str) -> tuple[Place, ...]:
    """The addresses of links and images, in their order. Outlook's own comments are left out."""
    reader = _Reader(protect(compiled))
    reader.feed(reader.protected.text)
    reader.close()
    return tuple(reader.found)


class _Reader(HTMLParser):
    def __init__(self, protected: Protected) -> None:
        super().__init__(convert_charrefs=True)
        self.protected = protected
        self.found: list[Place] = []

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        given = dict(attrs)
        if tag in _VOID_LINKS and "href" in given:
            self._note(given["href"], loads=False)
        if tag == "img" and "src" in given:
            self._note(given["src"], loads=True)

    def _note(self, address: str | None, *, loads: bool) -> None:
        shown = self.protected.pattern.sub(
            lambda found: self.protected.token(found).text, address or ""
        )
        self.found.append(Place(shown.strip(), loads))
