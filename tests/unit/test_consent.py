"""Whose word counts, over every combination of what may have been said."""

from datetime import timedelta
from itertools import product

import pytest

from delivery.consent.wishes import Origin, Standing, chosen, effective, muted
from delivery.policies import consent
from delivery.verdicts import HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import EVERY, Category, Class, Facts, Profile
from tests.values import NOW, make_draft, make_facts, make_topic

Said = dict[str, bool | None]
SAID = (None, True, False)
"""Nothing, yes, no."""
LATER = NOW + timedelta(minutes=30)


def facts_of(said: Said, *, mute: bool, snooze: bool) -> Facts:
    personal, org, category = said["personal"], said["org"], said["category"]
    own = {} if personal is None else {("boards", "email"): personal}
    return Facts(
        Profile("anna"),
        preferences={**own, **({(EVERY, EVERY): False} if mute else {})},
        snoozed_until=LATER if snooze else None,
        org_preferences={} if org is None else {("boards", "email"): org},
        categories={
            "boards": Category("boards", "Boards", defaults={"email": category})
            if category is not None
            else Category("boards", "Boards")
        },
    )


def expected(klass: Class, said: Said, *, mandatory: bool, mute: bool, snooze: bool) -> Verdict:
    """The rules once more, as a person would read them out."""
    if mandatory and klass is not Class.PROMOTIONAL:
        return Keep("mandatory")
    word = next((name for name in ("personal", "org", "category") if said[name] is not None), None)
    if word is not None and not said[word]:
        reason = Skip.OPTED_OUT if word == "personal" else Skip.NOT_OPTED_IN
        return SkipBecause(reason, f"{word} boards")
    if mute and klass is not Class.CRITICAL:
        return SkipBecause(Skip.MUTED, "mute")
    if snooze and klass is not Class.CRITICAL:
        return HoldUntil(LATER, Hold.SNOOZED)
    return Keep(word or "")


@pytest.mark.parametrize("klass", Class)
@pytest.mark.parametrize("mandatory", [False, True])
def test_every_combination_of_what_was_said(klass: Class, *, mandatory: bool):
    draft = make_draft(topic=make_topic(klass=klass, mandatory=mandatory))
    for personal, org, category, mute, snooze in product(SAID, SAID, SAID, *[(False, True)] * 2):
        said = {"personal": personal, "org": org, "category": category}
        facts = facts_of(said, mute=mute, snooze=snooze)
        rules = expected(klass, said, mandatory=mandatory, mute=mute, snooze=snooze)
        assert consent.decide(draft, facts, NOW) == rules, (said, mute, snooze)


NEAREST = [
    ({("boards", "email"): True, ("boards", EVERY): False}, True),
    ({("boards", EVERY): False, (EVERY, "email"): True, (EVERY, EVERY): True}, False),
    ({(EVERY, "email"): False, (EVERY, EVERY): True}, False),
    ({(EVERY, EVERY): False}, False),
    ({(EVERY, "sms"): False, ("other", EVERY): False}, None),
]


@pytest.mark.parametrize(("said", "allowed"), NEAREST)
def test_an_organisation_may_speak_of_everything_and_its_nearest_word_counts(
    said: dict[tuple[str, str], bool], *, allowed: bool | None
):
    standing = chosen("boards", "email", make_facts(org_preferences=said))
    if allowed is None:
        assert standing == Standing(allowed=True, origin=Origin.INSTALLATION)
    else:
        assert standing == Standing(allowed, Origin.ORG)


def test_a_category_speaks_of_a_channel_before_it_speaks_of_all():
    told = {"boards": Category("boards", "Boards", defaults={EVERY: False, "in_app": True})}
    facts = make_facts(categories=told)
    assert chosen("boards", "email", facts) == Standing(allowed=False, origin=Origin.CATEGORY)
    assert chosen("boards", "in_app", facts) == Standing(allowed=True, origin=Origin.CATEGORY)
    assert chosen("other", "email", facts) == Standing(allowed=True, origin=Origin.INSTALLATION)


def test_a_mute_of_one_channel_leaves_the_others():
    facts = make_facts(preferences={(EVERY, "email"): False, ("boards", "email"): True})
    assert muted("email", facts)
    assert not muted("in_app", facts)
    assert effective("boards", "email", facts) == Standing(allowed=False, origin=Origin.MUTE)
    assert effective("boards", "in_app", facts).allowed


def test_a_mute_reaches_the_feed_and_a_snooze_does_not():
    draft = make_draft("in_app")
    muted_all = make_facts(preferences={(EVERY, EVERY): False})
    assert consent.decide(draft, muted_all, NOW) == SkipBecause(Skip.MUTED, "mute")
    assert consent.decide(draft, make_facts(snoozed_until=LATER), NOW) == Keep()


def test_a_test_event_does_not_wait_for_the_end_of_a_snooze():
    facts = make_facts(snoozed_until=LATER)
    assert consent.decide(make_draft(test=True), facts, NOW) == Keep()


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("org offers", "Their organisation's default. The category is offers."),
        ("mute", "The recipient muted everything, or this channel."),
        ("mandatory", "The topic is mandatory: nobody is asked."),
        ("offers", "offers"),
    ],
)
def test_the_trace_is_told_in_a_sentence(note: str, told: str):
    assert consent.tell(note) == told


def test_a_snooze_that_is_over_is_none():
    for until in (NOW, NOW - timedelta(days=1)):
        assert consent.decide(make_draft(), make_facts(snoozed_until=until), NOW) == Keep()


def test_a_snoozed_delivery_is_looked_at_when_it_expires_at_the_latest():
    until, facts = NOW + timedelta(minutes=5), make_facts(snoozed_until=LATER)
    verdict = consent.decide(make_draft(expires_at=until), facts, NOW)
    assert verdict == HoldUntil(until, Hold.SNOOZED)
    forever = consent.decide(make_draft(expires_at=None), facts, NOW)
    assert forever == HoldUntil(LATER, Hold.SNOOZED)
