"""Whether a rule is about a delivery."""

from delivery.ports import Draft
from models.records import Facts, Picks


def picked(picks: Picks, draft: Draft, facts: Facts) -> bool:
    """Whether a delivery is one of those a rule names; a rule that names none is about all."""
    org = None if facts.profile is None else facts.profile.org
    return (
        (not picks.channels or draft.channel in picks.channels)
        and (not picks.classes or draft.topic.klass in picks.classes)
        and (not picks.categories or draft.topic.category in picks.categories)
        and (not picks.topics or draft.topic.key in picks.topics)
        and (not picks.campaigns or draft.campaign in picks.campaigns)
        and (not picks.orgs or org in picks.orgs)
        and (not picks.tags or not picks.tags.isdisjoint(draft.tags))
    )
