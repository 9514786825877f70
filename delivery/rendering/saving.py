"""Makes of what an author wrote a version that never changes: its partials taken along. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from delivery.rendering.compile import compiled_version
from delivery.rendering.locales import nearest
from delivery.rendering.partials import whole
from models.records import Partial, TemplateVersion


def partials_in(locale: str, live: Sequence[TemplateVersion]) -> dict[str, Partial]:
    """Every partial as words of a locale include it: the nearest of its own locales.

    Args:
        locale: The language of the words.
        live: What the partials say now, by key, the default locale of each first.
    """
    found = {}
    for key, texts in groupby(live, lambda text: text.template):
        text = nearest(locale, list(texts))
        if text is not None:
            found[key] = Partial(key, text.version, text.locale, text.source)
    return found


def equipped(written: TemplateVersion, live: Sequence[TemplateVersion]) -> TemplateVersion:
    """Words with everything they could include: for previews, and for whoever judges them."""
    there = partials_in(written.locale, live)
    return replace(written, partials=tuple(there[key] for key in sorted(there)), compiled=None)


def complete(written: TemplateVersion, live: Sequence[TemplateVersion]) -> TemplateVersion:
    """A version as it can be kept: with what it includes, and compiled where that is due.

    Args:
        written: What its author wrote.
        live: What the partials say now, by key, the default locale of each first.

    Raises:
        RenderingError: What is wrong with it, by line.
    """
    every = equipped(written, live)
    used = whole(every.source, every.store).used | whole(every.text or "", every.store).used
    made = replace(every, partials=tuple(each for each in every.partials if each.key in used))
    return compiled_version(made) if made.channel == "email" else made


def remade(
    texts: Sequence[TemplateVersion], number: int, live: Sequence[TemplateVersion]
) -> tuple[TemplateVersion, ...]:
    """A version in the same words with what the partials say now: its next one.

    Args:
        texts: The version in all its locales.
        number: Of the next one.
        live: As for `complete`.

    Raises:
        RenderingError: It could not be sent with these partials.
    """
    return tuple(complete(replace(text, version=number), live) for text in texts)
