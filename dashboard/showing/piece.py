"""Words as they are looked at; those of a partial or layout alone, or in what uses it. Pure."""

from dataclasses import replace

from delivery.rendering.alone import alone
from models.records import Partial, TemplateKind, TemplateVersion


def shown(
    text: TemplateVersion, kind: TemplateKind, host: TemplateVersion | None = None
) -> TemplateVersion | None:
    """What is filled to look at words: they themselves, or what shows a piece.

    Args:
        text: As it is written now, with every partial there is.
        kind: What it is.
        host: What uses a piece, as it is live; `None`: it is looked at alone.

    Returns:
        `None` where it says nothing alone.
    """
    if kind == TemplateKind.TEMPLATE:
        return text
    mine = Partial(text.template, text.version, text.locale, text.source)
    store = (*(each for each in text.partials if each.key != text.template), mine)
    if host is None:
        return alone(replace(text, partials=store), kind)
    return replace(host, partials=store, compiled=None)
