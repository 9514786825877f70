"""What the pages for people say, in each language: one file a language, one text a name.

A text may hold `{places}`. What authors wrote is set apart where it is put in, so that a title in
another direction does not mix up the sentence around it (Unicode Standard Annex 9, isolates).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_gmt

_FOLDER = Path(__file__).parent
_APART = "\u2068{}\u2069"
"""First strong isolate … pop directional isolate."""
_AUTHORED = {"category", "titles"}
"""Places that hold what authors wrote, in whatever language."""
_MOST_RANGES = 20
"""Languages of one header that are looked at."""


@dataclass(frozen=True, slots=True)
class Words:
    """All that is said in one language.

    Attributes:
        tag: BCP 47, as `lang` and `Content-Language` say it.
        direction: `ltr` or `rtl`.
    """

    tag: str
    direction: str
    texts: Mapping[str, str]

    def say(self, name: str, **values: str) -> str:
        """A text by its name, with its places filled."""
        apart = {place: _APART.format(values[place]) for place in _AUTHORED & values.keys()}
        return self.texts[name].format_map({**values, **apart})

    def channel(self, key: str) -> str:
        """A channel as people call it; one we have no word for goes by its key."""
        return self.texts.get(f"channel_{key}", key)

    def moment(self, moment: datetime, zone: tzinfo) -> str:
        """A day, a time and the zone they are told in."""
        locale, local = Locale.parse(self.tag), moment.astimezone(zone)
        return self.texts["moment"].format(
            day=format_date(local, "full", locale),
            time=format_time(local, "short", locale=locale),
            zone=get_timezone_gmt(local, "long", locale),
        )


def _read(file: Path) -> Words:
    texts = tomllib.loads(file.read_text(encoding="utf-8"))
    return Words(file.stem, Locale.parse(file.stem).text_direction, texts)


LANGUAGES: Mapping[str, Words] = {file.stem: _read(file) for file in sorted(_FOLDER.glob("*.toml"))}
"""By the tag; a language that is missing is one new file."""
ENGLISH = LANGUAGES["en"]


def speaking(locale: str | None, accepted: str | None) -> Words:
    """The words for somebody.

    Args:
        locale: Theirs, if they are known to have one.
        accepted: The header `Accept-Language` (RFC 9110, section 12.5.4).
    """
    for tag in (locale or "", *_ranked(accepted or "")):
        language = tag.replace("_", "-").partition("-")[0].lower()
        if language in LANGUAGES:
            return LANGUAGES[language]
    return ENGLISH


def _ranked(accepted: str) -> Iterator[str]:
    """The languages of the header, the most wanted first; what cannot be read is left out."""
    ranges = [each.partition(";") for each in accepted.split(",")[:_MOST_RANGES]]
    weighed = [(_weight(weight), tag.strip()) for tag, _, weight in ranges]
    return (tag for weight, tag in sorted(weighed, key=lambda pair: -pair[0]) if weight > 0)


def _weight(text: str) -> float:
    name, _, value = text.partition("=")
    if name.strip().lower() != "q":
        return 0.0 if text.strip() else 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
