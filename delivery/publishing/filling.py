"""Compiles and fills a proposal in each language and case; what cannot be is a value."""

from collections.abc import Callable

from delivery.errors import RenderingError
from delivery.messages import Content
from delivery.publishing.cases import cases
from delivery.publishing.material import Case, Filled, Proposal, Words
from delivery.rendering.fill import Template, prepare
from models.records import Json

Fill = Callable[[Template, Json], Content | None]
"""Fills a prepared template; `None` where that takes longer than a worker has."""


def words(proposal: Proposal, fill: Fill) -> list[Words]:
    """All languages of a proposal, the default one first."""
    order = sorted(proposal.texts, key=lambda locale: (locale != proposal.default, locale))
    return [_words(proposal, locale, fill) for locale in order]


def _words(proposal: Proposal, locale: str, fill: Fill) -> Words:
    version = proposal.texts[locale]
    try:
        template = prepare(version)
    except RenderingError as error:
        return Words(locale, version, proposal, problems=tuple(error.problems))
    filled = []
    for case in cases(proposal, locale, version.channel):
        filled.append(_filled(template, case, fill))
        if filled[-1].is_unfinished:  # the others would take as long, and it stands in the way
            break
    return Words(locale, template.version, proposal, tuple(filled))


def _filled(template: Template, case: Case, fill: Fill) -> Filled:
    try:
        return Filled(case, fill(template, case.context))
    except RenderingError as error:
        return Filled(case, problems=tuple(error.problems))
