"""Languages of recipients in which there are no words."""

from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words
from delivery.rendering.locales import fallbacks
from models.records import UNDETERMINED


def check(words: Words) -> Iterator[Remark]:
    """The languages that are missing, once for the template; none where nobody said its own."""
    if not words.is_default or words.locale == UNDETERMINED:
        return
    there = words.proposal.texts.keys()
    wanted = (fallbacks(locale) for locale in words.proposal.wanted)
    missing = sorted({chain[-1] for chain in wanted if there.isdisjoint(chain)})
    if missing:
        named = ", ".join(missing)
        yield warning(f"Some recipients read {named}: they get it in {words.locale}.")
