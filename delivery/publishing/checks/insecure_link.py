"""Links and images over http: anybody on the way may read and change them."""

from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words
from delivery.publishing.places import places


def check(words: Words) -> Iterator[Remark]:
    """Each address that a template itself writes with http."""
    for place in dict.fromkeys(places(words.version.compiled or "")):
        if place.address.lower().startswith("http://"):
            what = "An image is loaded" if place.loads else "A link leads"
            said = f"{what} from {place.address}" if place.loads else f"{what} to {place.address}"
            yield warning(f"{said}: use https.", line=words.line("source", place.address))
