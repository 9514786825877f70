"""News of a topic that is collected waits for its digest, but for what cannot wait."""

from datetime import datetime

from delivery.digests.windows import collected, goes_alone, standing
from delivery.ports import Draft
from delivery.verdicts import Collect, Keep, Verdict
from models.records import DigestKind, Facts


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Collect what its topic collects; not a digest itself, nor what is under way already."""
    rule = draft.topic.digest_of(draft.step.key)
    if rule is None:
        return Keep()
    if alone := goes_alone(draft):
        return Keep(alone)
    into = standing(rule, draft, facts)
    is_first = into is None or into.opened_by == draft.delivery_id
    if rule.kind is DigestKind.FIRST_THEN and is_first:
        return Keep("first")
    after = collected(rule, draft, facts, now)
    return Keep("would expire before") if after is None else Collect(after)


def tell(note: str) -> str:
    """Why it was not collected."""
    return _ALONE.get(note, note)


_ALONE = {
    "a digest": "It carries a digest itself.",
    "critical": "News of its class is never collected.",
    "sensitive": "What is secret is never collected.",
    "under way": "It was on its way before.",
    "first": "It is the first, so it goes at once; what comes after it is collected.",
    "would expire before": "It would expire before its digest closes.",
}
