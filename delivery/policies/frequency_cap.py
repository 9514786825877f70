"""Nobody gets more than the frequency caps allow; among what is due the most important goes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from delivery.digests.windows import collected, goes_alone
from delivery.limits.caps import Standing, counter, limits, standing
from delivery.ports import Draft
from delivery.verdicts import Collect, HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import Cap, Digest, DigestKind, Facts, OpenDigest, Over

_WARMING = timedelta(seconds=5)
"""How soon to look again while a new rule still counts what was sent before it."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Hold, collect, downgrade or skip what finds no slot; of full rules the sharpest decides."""
    rules = [cap for cap in draft.rules.rulebook.caps if limits(cap, draft, facts)]
    if not rules:
        return Keep()
    cold = [cap for cap in rules if counter(cap) not in draft.rules.warm]
    if cold:
        return _wait(draft, now + _WARMING, _name(draft, cold[0], "warming"))
    standings = [standing(cap, draft, facts, now) for cap in rules]
    full = [one for one in standings if one.opens_at is not None]
    if not full:
        return Keep(_note(draft, min(standings, key=_left)))
    return _over(draft, full, facts, now)


def tell(note: str) -> str:
    """The rule, its version, and how many of its slots were taken."""
    rule, _, seen = note.partition(" ")
    key, _, version = rule.partition("@")
    if seen == "warming":
        return f"Rule {key} (version {version}) is new and still counts what was sent before."
    used, _, limit = seen.partition("/")
    return f"Rule {key} (version {version}): {used} of {limit} were taken."


def _over(draft: Draft, full: Sequence[Standing], facts: Facts, now: datetime) -> Verdict:
    by_rule = {one.cap.over: one for one in full}
    if skipping := by_rule.get(Over.SKIP):
        return SkipBecause(Skip.OVER_CAP, _note(draft, skipping))
    if (moving := by_rule.get(Over.DOWNGRADE)) and _has_feed(draft):
        return SkipBecause(Skip.DOWNGRADED, _note(draft, moving))
    if collecting := by_rule.get(Over.DIGEST):
        into = _collected(draft, collecting.cap, facts, now)
        if into is not None:
            return Collect(into, _note(draft, collecting))
    last = max(full, key=lambda one: one.opens_at or now)
    return _wait(draft, last.opens_at or now, _note(draft, last))


def _collected(draft: Draft, cap: Cap, facts: Facts, now: datetime) -> OpenDigest | None:
    """The digest it goes into: by its topic's rule if there is one, else by the cap's rhythm.

    `None` for what is never collected (a digest itself above all, which would wait for ever), what
    would expire before, and what its template cannot tell together with others.
    """
    step = draft.step
    rule = draft.topic.digest_of(step.key)
    if goes_alone(draft) or (rule is None and not step.tells_many):
        return None
    by_cap = Digest(DigestKind.RECURRING, (step.key,), rhythm=cap.digest)
    return collected(rule or by_cap, draft, facts, now)


def _wait(draft: Draft, until: datetime, note: str) -> Verdict:
    """Not beyond its end: then it expires, and says so."""
    until = until if draft.expires_at is None else min(until, draft.expires_at)
    return HoldUntil(until, Hold.FREQUENCY_CAP, note)


def _has_feed(draft: Draft) -> bool:
    return draft.channel != "in_app" and any(
        step.channel == "in_app" and step.template for step in draft.topic.steps
    )


def _left(one: Standing) -> int:
    return (one.cap.limit or 0) - one.used


def _note(draft: Draft, one: Standing) -> str:
    return _name(draft, one.cap, f"{one.used}/{one.cap.limit}")


def _name(draft: Draft, cap: Cap, seen: str) -> str:
    return f"{cap.key}@{draft.rules.rulebook.version} {seen}"
