"""Which of a template's languages somebody gets, and how that language is written. Pure."""

from collections.abc import Sequence
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from models.records import UNDETERMINED, Live, TemplateVersion


def fallbacks(locale: str) -> tuple[str, ...]:
    """A locale and what stands in for it, the nearest first (RFC 4647, section 3.4).

    `de-Latn-AT` is followed by `de-Latn` and `de`. Case is as in BCP 47: `de`, `Latn`, `AT`.
    """
    parts = canonical(locale).split("-")
    return tuple("-".join(parts[:length]) for length in range(len(parts), 0, -1))


@lru_cache(maxsize=4096)
def canonical(locale: str) -> str:
    """A locale in the case of BCP 47 (RFC 5646, section 2.1.1); nothing is said of its sense."""
    first, *rest = locale.strip().replace("_", "-").split("-")
    return "-".join([first.lower(), *(_cased(part) for part in rest)])


def _cased(part: str) -> str:
    match len(part):
        case 2:
            return part.upper()
        case 4:
            return part.title()
        case _:
            return part.lower()


def known(locale: str) -> str | None:
    """A locale in one way of writing, or `None` when nobody speaks it: `en`, `pt-BR`, `zh-Hant`."""
    try:
        return str(Locale.parse(canonical(locale), sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=16_384)
def spoken(wanted: str | None, live: Live) -> str:
    """The locale of a version that is nearest to what somebody wants: its default at the last."""
    if wanted is None or len(live.locales) == 1:
        return live.locale
    return next((each for each in fallbacks(wanted) if each in live.locales), live.locale)


def nearest(wanted: str | None, texts: Sequence[TemplateVersion]) -> TemplateVersion | None:
    """The text that is nearest to what somebody wants; the first is the default.

    Args:
        wanted: A locale, of the event or of the recipient.
        texts: One version in its locales; it may be none.
    """
    if not texts:
        return None
    there = {text.locale: text for text in texts}
    live = Live(texts[0].version, texts[0].locale, frozenset(there))
    return there[spoken(wanted, live)]


def direction(locale: str) -> str:
    """Which way its script runs: `rtl`, `ltr`, or `auto` where nobody said (HTML's `dir`)."""
    if locale == UNDETERMINED:
        return "auto"
    try:
        return str(Locale.parse(locale, sep="-").text_direction)
    except (UnknownLocaleError, ValueError):
        return "auto"
