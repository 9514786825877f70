"""What publishing a partial or layout comes to: in itself, and in each template that uses it."""

from collections.abc import Iterable, Sequence

from delivery.errors import Problem, RenderingError
from delivery.publishing.findings import Finding, error
from delivery.publishing.material import Proposal
from delivery.publishing.proposing import proposed
from delivery.rendering.lint import jinja_problems
from delivery.rendering.partials import whole
from delivery.rendering.saving import equipped, partials_in
from models.readings.publishing import Publishable
from models.records import TemplateVersion


def with_pieces(
    live: Iterable[TemplateVersion], pieces: Sequence[TemplateVersion]
) -> list[TemplateVersion]:
    """What partials would say: these over those that are live; the default locale of each first."""
    keys = {piece.template for piece in pieces}
    return [*(text for text in live if text.template not in keys), *pieces]


def problems(piece: TemplateVersion, partials: Sequence[TemplateVersion]) -> list[Problem]:
    """Why a piece cannot be put together or read, whatever includes it."""
    store = {key: one.source for key, one in partials_in(piece.locale, partials).items()}
    try:
        return jinja_problems(whole(piece.source, store).text)
    except RenderingError as broken:
        return list(broken.problems)


def broken(piece: TemplateVersion, partials: Sequence[TemplateVersion]) -> list[Finding]:
    """The same as the gate says it."""
    return [
        Finding("broken", piece.locale, error(f"{one.message}.", line=one.line))
        for one in problems(piece, partials)
    ]


def anew(
    user: Publishable, partials: Sequence[TemplateVersion], addresses: tuple[str, ...]
) -> Proposal:
    """A template in the words that are live, with what partials say then."""
    texts = {text.locale: equipped(text, partials) for text in user.live}
    return proposed(user, texts, addresses)
