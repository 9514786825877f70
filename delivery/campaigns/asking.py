"""What a reviewer of a campaign looks at, and what must not change after. Pure."""

from delivery.approving import Thresholds, needed
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import as_document
from delivery.campaigns.launching import pinned
from models.records import ApprovalKind, Ask, Campaign, Topic
from models.records.campaigns import Around, Known


def outgrown(
    campaign: Campaign, body: CampaignBody, topic: Topic, members: int, thresholds: Thresholds
) -> bool:
    """Whether more people have to approve an occasion than its campaign's launch had to have.

    Args:
        campaign: As it was launched, for about so many.
        body: What goes.
        topic: Its news.
        members: How many belong to its audience now.
        thresholds: What is in force.
    """
    if campaign.launched_for is None:
        return False

    def wanted(weight: int) -> int:
        asked = Ask(ApprovalKind.CAMPAIGN, body.key, {}, weight, classes=frozenset({topic.klass}))
        return needed(asked, thresholds)

    return wanted(members) > wanted(campaign.launched_for)


def ask(campaign: Campaign, body: CampaignBody, known: Known, around: Around) -> Ask:
    """What a launch of a campaign is about to do.

    Args:
        campaign: As it is kept.
        body: What would go, which fits what is known.
        known: What there is.
        around: How its audience stands.
    """
    topic = known.topics[body.topic]
    return Ask(
        ApprovalKind.CAMPAIGN,
        body.key,
        {
            "document": as_document(body),
            "templates": pinned(body, topic, known.live),
            "audience": around.version,
            "class": topic.klass,
        },
        weight=len(body.recipients) if body.audience is None else around.members,
        team=campaign.team,
        classes=frozenset({topic.klass}),
        edited_by=campaign.updated_by,
    )
