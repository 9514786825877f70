"""What a reviewer of a campaign looks at, and what must not change after. Pure."""

from dataclasses import dataclass

from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import Known, as_document
from delivery.campaigns.launching import pinned
from models.records import ApprovalKind, Ask, Campaign

_ANYBODY = 2**31 - 1
"""More than any threshold lets pass."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The audience of a campaign as it stands.

    Attributes:
        members: How many belong; `None`: nobody counted yet, so it may be anybody.
    """

    version: int
    members: int | None


def ask(campaign: Campaign, body: CampaignBody, known: Known, audience: Saved | None) -> Ask:
    """What a launch of a campaign is about to do.

    Args:
        campaign: As it is kept.
        body: What would go, which fits what is known.
        known: What there is.
        audience: The one it names; `None`: it lists its recipients.
    """
    topic = known.topics[body.topic]
    return Ask(
        ApprovalKind.CAMPAIGN,
        body.key,
        {
            "document": as_document(body),
            "templates": pinned(body, topic, known.live),
            "audience": audience and audience.version,
            "class": topic.klass,
        },
        weight=len(body.recipients) if audience is None else _size(audience),
        team=campaign.team,
        classes=frozenset({topic.klass}),
        edited_by=campaign.updated_by,
    )


def _size(audience: Saved) -> int:
    return _ANYBODY if audience.members is None else audience.members
