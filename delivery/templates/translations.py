"""Which words are missing in languages that people read, and which are behind. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from delivery.rendering.locales import canonical, spoken
from models.records import UNDETERMINED, Live, Wording


@dataclass(frozen=True, slots=True)
class Lack:
    """A language that some recipients read and a template does not speak.

    Attributes:
        people: How many of them there are.
        instead: The locale they get.
    """

    template: str
    language: str
    people: int
    instead: str


@dataclass(frozen=True, slots=True)
class Lag:
    """Words that were not changed since those of the default locale were.

    Attributes:
        since: The version in which the default changed.
    """

    template: str
    locale: str
    since: int


def lacks(live: Mapping[str, Live], people: Mapping[str, int]) -> list[Lack]:
    """What is missing, by template, the most wanted language first.

    Templates of which nobody said what language they are in lack nothing that could be named.

    Args:
        live: Template to the version that is sent now.
        people: Locale to how many recipients have it.
    """
    found = []
    for template, version in sorted(live.items()):
        if version.locale != UNDETERMINED:
            wanted = _unserved(version, people)
            found += [Lack(template, one, many, version.locale) for one, many in wanted]
    return found


def _unserved(version: Live, people: Mapping[str, int]) -> list[tuple[str, int]]:
    missing: Counter[str] = Counter()
    for locale, many in people.items():
        language = _language(locale)
        if _language(spoken(locale, version)) != language:
            missing[language] += many
    return sorted(missing.items(), key=lambda one: (-one[1], one[0]))


def _language(locale: str) -> str:
    return canonical(locale).partition("-")[0]


def lags(live: Mapping[str, Live], history: Iterable[Wording]) -> list[Lag]:
    """What is behind, by template and locale.

    Args:
        live: Template to the version that is sent now.
        history: The marks of all words up to the live versions, by template, locale and version.
    """
    changed = dict(_changed(history))
    return [
        Lag(template, locale, changed[template, version.locale])
        for template, version in sorted(live.items())
        for locale in sorted(version.locales)
        if changed.get((template, locale), 0) < changed.get((template, version.locale), 0)
    ]


def _changed(history: Iterable[Wording]) -> Iterator[tuple[tuple[str, str], int]]:
    """The version in which words last changed, by template and locale."""
    before: dict[tuple[str, str], str] = {}
    for one in history:
        key = one.template, one.locale
        if before.get(key) != one.mark:
            before[key] = one.mark
            yield key, one.version
