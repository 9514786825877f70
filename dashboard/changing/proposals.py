"""What a template would say if its drafts were published, and what is known of its use."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard import settings
from dashboard.actions import RefusedError
from dashboard.data import database
from delivery.publishing.cases import cases
from delivery.publishing.material import Case, Proposal
from delivery.publishing.pieces import anew, with_pieces
from delivery.publishing.proposing import drafted, proposed
from models.queries.configuring import publishing, templates
from models.readings.publishing import Publishable
from models.records import TemplateKind, TemplateVersion, Topic


@dataclass(frozen=True, slots=True)
class Proposed:
    """A template as its drafts say it; what is not drafted is as it is live.

    Attributes:
        partials: What partials said then, by key, the default locale of each first.
        texts: What it would say, by locale; not compiled yet.
        users: Of a partial or layout: the templates that would get a new version with it.
    """

    there: Publishable
    partials: tuple[TemplateVersion, ...]
    texts: Mapping[str, TemplateVersion]
    users: tuple[Publishable, ...] = ()

    @property
    def is_piece(self) -> bool:
        """Whether it is a partial or a layout."""
        return self.there.head.kind is not TemplateKind.TEMPLATE

    @property
    def proposal(self) -> Proposal:
        """What the checks look at."""
        return proposed(self.there, self.texts, _addresses())

    @property
    def pieces(self) -> list[TemplateVersion]:
        """What partials would say, this one as it is drafted."""
        default = self.there.head.locale
        texts = sorted(self.texts.values(), key=lambda text: text.locale != default)
        return with_pieces(self.partials, texts)

    def in_users(self) -> list[tuple[str, Proposal, Proposal]]:
        """Each template that uses it, as it is and as it would be."""
        addresses, pieces = _addresses(), self.pieces
        return [
            (
                user.head.template,
                anew(user, self.partials, addresses),
                anew(user, pieces, addresses),
            )
            for user in self.users
        ]

    def cases(self, locale: str) -> dict[str, Case]:
        """Whom and what it can be filled with in a language, by name."""
        found = cases(self.proposal, locale, self.there.head.channel)
        return {case.name: case for case in found}

    def topic_of(self, case: Case) -> Topic | None:
        """The topic that says what a case tells of; none where nothing uses the template."""
        return next((topic for topic in self.there.topics if topic.key == case.use.key), None)


def proposal_of(template: str) -> Proposed:
    """A template as it would be.

    Raises:
        RefusedError: There is no such template.
    """
    with database().begin() as tx:
        there = tx.follow(publishing.publishable(template))
        partials = tx.run(templates.live_partials())
        users = tx.follow(publishing.users_of(template))
    if there is None:
        raise RefusedError("There is no such template (any more).")
    return Proposed(there, tuple(partials), drafted(there, partials), tuple(users))


def _addresses() -> tuple[str, str]:
    sets = settings.delivery()
    return sets.public_url, sets.tracking_url
