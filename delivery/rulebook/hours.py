"""Which quiet hours are in force for a delivery, and in which zone.

A person's own hours take the place of every rule that is not binding. Without them, of those
rules the most particular decide: rules that name a topic, category, campaign or tag before those
that name an org, these before the rest. Binding rules apply besides, and times to send are always
binding.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from delivery.classes import Gate, Pass, how
from delivery.ports import Draft
from delivery.rulebook.picks import picked
from delivery.rulebook.quiet import Schedule
from delivery.rulebook.weeks import Weekly, weekly
from delivery.rulebook.zones import ZoneOf, own_word, zone_of
from models.records import Class, Facts, Profile, QuietHours

FEED = "in_app"
"""The channel that makes no noise: held only by a rule that names it."""
OWN = "own"
"""What the hours a person set are called in traces."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The quiet hours of one delivery.

    Attributes:
        keys: Of the rules; `own` for the person's own hours.
        zone: The recipient's.
    """

    keys: tuple[str, ...]
    schedules: tuple[Schedule, ...]
    zone: ZoneOf


def in_force(draft: Draft, facts: Facts) -> InForce | None:
    """The quiet hours that apply; `None` when there are none."""
    book = draft.rules.rulebook
    own = own_hours(facts.profile)
    if not (own or book.quiet_hours):
        return None
    freedom = how(draft.topic.klass, Gate.QUIET_HOURS)
    if freedom is Pass.ALWAYS:
        return None
    naming = draft.topic.klass if freedom is Pass.UNLESS_NAMED else None
    about = [rule for rule in book.quiet_hours if _is_about(rule, naming, draft, facts)]
    replaced = own is not None and draft.channel != FEED
    rules = [rule for rule in about if rule.binding]
    rules += () if replaced else _nearest([rule for rule in about if not rule.binding])
    if not (rules or replaced):
        return None
    zone = zone_of(facts.profile, book.zones)
    schedules = [(rule.weekly, rule.zone or zone.name) for rule in rules]
    keys = [rule.key for rule in rules]
    if own is not None and replaced:
        schedules, keys = [(own, zone.name), *schedules], [OWN, *keys]
    return InForce(tuple(keys), tuple(schedules), zone)


def own_hours(profile: Profile | None) -> Weekly | None:
    """The times a person set; `None` also for what cannot be read: written past our checks."""
    lines = own_word(profile, "quiet")
    if not isinstance(lines, list) or not lines:
        return None
    try:
        return weekly(tuple(map(str, lines)))
    except ValueError:
        return None


def _is_about(rule: QuietHours, naming: Class | None, draft: Draft, facts: Facts) -> bool:
    """Whether a rule is about a delivery; `naming` is a class that it must name for that."""
    if draft.channel == FEED and FEED not in rule.picks.channels:
        return False
    if naming is not None and naming not in rule.picks.classes:
        return False
    return picked(rule.picks, draft, facts)


def _nearest(rules: Sequence[QuietHours]) -> Iterable[QuietHours]:
    most = max(map(_nearness, rules), default=0)
    return [rule for rule in rules if _nearness(rule) == most]


def _nearness(rule: QuietHours) -> int:
    picks = rule.picks
    if picks.topics or picks.categories or picks.campaigns or picks.tags:
        return 2
    return 1 if picks.orgs else 0
