"""What a template would say if its drafts were published, and what is known of its use."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard import settings
from dashboard.actions import RefusedError
from dashboard.data import database
from delivery.publishing.cases import cases
from delivery.publishing.material import Case, Proposal
from delivery.publishing.proposing import drafted, proposed
from models.queries.configuring import publishing, templates
from models.readings.publishing import Publishable
from models.records import TemplateKind, TemplateVersion


@dataclass(frozen=True, slots=True)
class Proposed:
    """A template as its drafts say it; what is not drafted is as it is live.

    Attributes:
        partials: What partials said then, by key, the default locale of each first.
        texts: What it would say, by locale; not compiled yet.
    """

    there: Publishable
    partials: tuple[TemplateVersion, ...]
    texts: Mapping[str, TemplateVersion]

    @property
    def proposal(self) -> Proposal:
        """What the checks look at."""
        sets = settings.delivery()
        return proposed(self.there, self.texts, (sets.public_url, sets.tracking_url))

    def cases(self, locale: str) -> dict[str, Case]:
        """Whom and what it can be filled with in a language, by name."""
        found = cases(self.proposal, locale, self.there.head.channel)
        return {case.name: case for case in found}


def proposal_of(template: str) -> Proposed:
    """A template as it would be.

    Raises:
        RefusedError: There is no such template.
    """
    with database().begin() as tx:
        there = tx.follow(publishing.publishable(template))
        partials = tx.run(templates.live_partials())
    if there is None or there.head.kind is not TemplateKind.TEMPLATE:
        raise RefusedError("There is no such template (any more).")
    return Proposed(there, tuple(partials), drafted(there, partials))
