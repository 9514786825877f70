"""Languages of recipients in which there are no words."""

from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words


def check(words: Words) -> Iterator[Remark]:
    """The languages that are missing, once for the template."""
    if not words.is_default:
        return
    there = {_language(locale) for locale in words.proposal.texts}
    missing = sorted({_language(locale) for locale in words.proposal.wanted} - there)
    if missing:
        named = ", ".join(missing)
        yield warning(f"Some recipients read {named}: they get it in {words.locale}.")


def _language(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()
