"""What a template is filled with in a preview: what happened, examples, edges, personas. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.reading.reports import TemplateReport
from delivery.publishing.cases import ANNA, cases, whole
from delivery.publishing.material import UNUSED, Case, Kind, Proposal, Sample, Use
from models.records import UNDETERMINED, Persona, Topic

_LANGUAGE = "en"
"""What the made-up recipient reads where the words are in no language."""


def choices(
    report: TemplateReport, locale: str = UNDETERMINED, saved: Iterable[Persona] = ()
) -> dict[str, Case]:
    """What one can begin with, by the words it is offered under: saved personas first."""
    line = report.line
    uses = tuple(Use.of(topic, line.template) for topic in report.topics)
    samples = tuple(Sample(key, data) for key, data in report.last_data.items())
    spoken = _LANGUAGE if locale == UNDETERMINED else locale
    proposal = Proposal({}, spoken, uses, samples)
    use = uses[0] if uses else UNUSED
    own = [_of_persona(persona, use, spoken, line.channel) for persona in saved]
    return {case.name: case for case in (*own, *cases(proposal, spoken, line.channel))}


def _of_persona(persona: Persona, use: Use, locale: str, channel: str) -> Case:
    sample = Sample(use.key, persona.data, persona.recipient)
    return Case(f"{persona.title} (saved)", Kind.EXAMPLE, use, whole(sample, use, locale, channel))


def context(data: Any, topic: Topic | None, recipient: Mapping[str, Any] = ANNA) -> dict[str, Any]:
    """All that a template sees, for somebody who gets it."""
    use = UNUSED if topic is None else Use(topic.key, topic.title, topic.category, topic.klass)
    return whole(Sample(use.key, data, recipient), use, _LANGUAGE, "email")
