"""Frequency caps: what counts, what is limited, when a slot opens, and that none opens early."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, strategies as st

from delivery.explain import Outcome, findings
from delivery.limits import caps, slots
from delivery.limits.caps import SPARE, counter, counts, limits, may_limit, standing
from delivery.limits.periods import begin_of, end_of
from delivery.policies import frequency_cap
from delivery.ports import Draft, Rules
from delivery.verdicts import Collect, Expire, HoldUntil, Keep, SkipBecause
from models import ids
from models.reasons import Hold, Skip
from models.records import (
    Cap,
    Class,
    Digest,
    DigestKind,
    Facts,
    Ledger,
    Over,
    Period,
    Picks,
    Profile,
    Rhythm,
    Rulebook,
    Stamp,
    Step,
    Zones,
)
from tests.values import EVENT, NOW, make_draft, make_due, make_facts, make_topic

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ME = ids.delivery_id(EVENT, "anna", "email", "me")
PROMO = Cap("promo", Picks(classes=frozenset({Class.PROMOTIONAL})), 2, DAY)
GATHERED = replace(PROMO, over=Over.DIGEST, digest=Rhythm(time(18)))
TELLS = Step("email", "email", "board-mail", tells_many=True)
MAIL = Cap("mail", Picks(channels=frozenset({"email"})), 2, Period.DAY)


def draft(*rules: Cap, klass: Class = Class.PROMOTIONAL, **values: Any) -> Draft:
    book = Rulebook(3, caps=rules)
    default = {
        "topic": make_topic(klass=klass), "delivery_id": ME, "expires_at": None,
        "rules": Rules(rulebook=book, warm=caps.counters(rules)),
    }  # fmt: skip
    return make_draft(**{**default, **values})


def facts(cap: Cap, *ago: timedelta, zone: str = "UTC") -> Facts:
    """Somebody who was sent to so long ago."""
    stamps = tuple(Stamp(NOW - each, UUID(int=n)) for n, each in enumerate(sorted(ago)[::-1]))
    ledger = Ledger(slots={counter(cap): stamps})
    return make_facts("a@x.test", ledger=ledger, profile=Profile("anna", timezone=zone, org="acme"))


class TestWhatARuleIsAbout:
    """Counted and limited are two questions."""

    @pytest.mark.parametrize(
        ("klass", "counted", "limited"),
        [
            (Class.CRITICAL, True, False),
            (Class.TRANSACTIONAL, True, False),
            (Class.PROMOTIONAL, True, True),
        ],
    )
    def test_critical_and_transactional_pass_but_count(
        self, klass: Class, *, counted: bool, limited: bool
    ):
        each = draft(klass=klass)
        assert (counts(MAIL, each, facts(MAIL)), limits(MAIL, each, facts(MAIL))) == (
            counted, limited,
        )  # fmt: skip

    def test_both_are_switches_of_the_rule(self):
        cap = replace(MAIL, counts=frozenset({Class.CRITICAL}), exempts=frozenset())
        assert not counts(cap, draft(), facts(cap))
        assert limits(cap, draft(klass=Class.TRANSACTIONAL), facts(cap))

    @pytest.mark.parametrize(
        ("picks", "is_about"),
        [
            ({}, True),
            ({"channels": {"email"}}, True),
            ({"channels": {"push"}}, False),
            ({"topics": {"board.shared"}}, True),
            ({"topics": {"other"}}, False),
            ({"categories": {"boards"}}, True),
            ({"categories": {"other"}}, False),
            ({"campaigns": {"spring"}}, True),
            ({"campaigns": {"autumn"}}, False),
            ({"orgs": {"acme"}}, True),
            ({"orgs": {"other"}}, False),
            ({"tags": {"a", "z"}}, True),
            ({"tags": {"z"}}, False),
            ({"tags": {"a"}, "orgs": {"other"}}, False),
        ],
    )
    def test_everything_it_names_must_fit(self, picks: dict[str, set[str]], *, is_about: bool):
        named = Picks(**{name: frozenset(keys) for name, keys in picks.items()})  # type: ignore[arg-type]
        cap = Cap("c", named, 1, DAY)
        each = draft(campaign="spring", tags=("a", "b"))
        assert counts(cap, each, facts(cap)) is limits(cap, each, facts(cap)) is is_about

    def test_the_feed_only_where_it_is_named(self):
        named = Cap("c", Picks(channels=frozenset({"in_app"})), 1, DAY)
        assert not limits(PROMO, draft(channel="in_app"), facts(PROMO))
        assert limits(named, draft(channel="in_app"), facts(named))

    @pytest.mark.parametrize("values", [{"test": True}, {"delivery_id": None}])
    def test_a_test_neither_counts_nor_is_limited(self, values: Any):
        each = draft(**values)
        assert not counts(PROMO, each, facts(PROMO))
        assert not limits(PROMO, each, facts(PROMO))

    def test_a_blank_limit_is_no_cap(self):
        assert not limits(replace(PROMO, limit=None), draft(), facts(PROMO))

    def test_what_may_limit_is_asked_before_anybody_is_known(self):
        row = make_due(klass=Class.PROMOTIONAL)
        org = replace(PROMO, picks=replace(PROMO.picks, orgs=frozenset({"any"})))
        assert may_limit(org, row, make_topic())
        assert not may_limit(org, replace(row, klass=Class.TRANSACTIONAL), make_topic())
        assert not may_limit(org, replace(row, channel="in_app"), make_topic())
        assert not may_limit(org, replace(row, test=True), make_topic())
        assert not may_limit(replace(org, limit=None), row, make_topic())


def test_a_counter_has_another_name_as_soon_as_it_counts_otherwise():
    same = replace(PROMO, over=Over.SKIP, exempts=frozenset())
    others = [
        replace(PROMO, limit=3), replace(PROMO, window=Period.DAY), replace(PROMO, key="x"),
        replace(PROMO, counts=frozenset({Class.CRITICAL})), replace(PROMO, picks=Picks()),
    ]  # fmt: skip
    assert counter(same) == counter(PROMO)
    assert len({counter(PROMO), *map(counter, others)}) == 6
    assert caps.counters([PROMO, replace(MAIL, limit=None)]) == {counter(PROMO)}


class TestRolling:
    """Looking back, to the second."""

    @pytest.mark.parametrize(
        ("ago", "used", "opens_in"),
        [
            ((), 0, None),
            ((HOUR,), 1, None),
            ((HOUR, 2 * HOUR), 2, DAY - 2 * HOUR),
            ((HOUR, DAY), 1, None),
            ((HOUR, DAY - timedelta(microseconds=1)), 2, timedelta(microseconds=1)),
            ((HOUR, 2 * HOUR, 3 * HOUR), 3, DAY - 2 * HOUR),
            ((-HOUR, HOUR), 2, DAY - HOUR),
        ],
    )
    def test_a_slot_opens_when_the_oldest_that_fills_it_leaves(
        self, ago: Any, used: int, opens_in: timedelta | None
    ):
        found = standing(PROMO, draft(PROMO), facts(PROMO, *ago), NOW)
        opens_at = None if opens_in is None else NOW + opens_in
        assert (found.used, found.opens_at) == (used, opens_at)

    def test_its_own_slot_is_never_in_its_way(self):
        known = facts(PROMO, HOUR, 2 * HOUR)
        mine = replace(draft(PROMO), delivery_id=UUID(int=0))
        assert standing(PROMO, mine, known, NOW).opens_at is None


class TestCalendar:
    """The recipient's own days."""

    def test_midnight_is_the_recipients(self):
        ago = (HOUR, 13 * HOUR)  # 11:00 and yesterday 23:00 UTC
        assert standing(MAIL, draft(MAIL), facts(MAIL, *ago), NOW).used == 1
        tokyo = standing(MAIL, draft(MAIL), facts(MAIL, *ago, zone="Asia/Tokyo"), NOW)
        assert (tokyo.used, tokyo.opens_at) == (2, datetime(2026, 11, 22, 15, tzinfo=UTC))

    def test_who_has_no_zone_has_the_installations(self):
        known = replace(facts(MAIL, HOUR, 13 * HOUR), profile=Profile("anna"))
        each = draft(MAIL)
        book = replace(each.rules.rulebook, zones=Zones("Asia/Tokyo"))
        each = replace(each, rules=replace(each.rules, rulebook=book))
        assert standing(MAIL, each, known, NOW).used == 2

    @pytest.mark.parametrize(
        ("period", "begin", "end"),
        [
            (Period.DAY, (2026, 3, 28, 23), (2026, 3, 29, 22)),
            (Period.WEEK, (2026, 3, 22, 23), (2026, 3, 29, 22)),
            (Period.MONTH, (2026, 2, 28, 23), (2026, 3, 31, 22)),
        ],
    )
    def test_periods_know_when_clocks_change(self, period: Period, begin: Any, end: Any):
        moment = datetime(2026, 3, 29, 12, tzinfo=UTC)
        assert begin_of(period, moment, "Europe/Berlin") == datetime(*begin, tzinfo=UTC)
        assert end_of(period, moment, "Europe/Berlin") == datetime(*end, tzinfo=UTC)

    @given(
        st.sampled_from(Period),
        st.integers(86_400, 2_145_700_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
        st.sampled_from(sorted(available_timezones())),
    )
    @example(Period.DAY, datetime(2011, 12, 30, 9, 59, tzinfo=UTC), "Pacific/Apia")
    @example(Period.DAY, datetime(2011, 12, 30, 10, tzinfo=UTC), "Pacific/Apia")
    @example(Period.DAY, datetime(2026, 9, 6, 4, 30, tzinfo=UTC), "America/Santiago")
    def test_every_moment_of_every_zone_is_in_one_period(
        self, period: Period, moment: datetime, zone: str
    ):
        begin, end = begin_of(period, moment, zone), end_of(period, moment, zone)
        assert begin <= moment < end
        assert end_of(period, begin, zone) == end
        assert begin_of(period, end, zone) == end
        longest = {Period.DAY: 2, Period.WEEK: 8, Period.MONTH: 32}[period]
        assert end - begin <= timedelta(days=longest)
        local = end.astimezone(ZoneInfo(zone))
        assert (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) <= DAY


class TestSlots:
    """What a ledger remembers."""

    def test_taking_again_moves_the_slot(self):
        first, later = Stamp(NOW - HOUR, ME), Stamp(NOW, ME)
        assert caps.taken(PROMO, [first], [later], NOW) == (later,)

    def test_what_no_window_sees_is_dropped_and_of_the_rest_the_newest_stay(self):
        old = Stamp(NOW - DAY, UUID(int=1))
        many = [Stamp(NOW - timedelta(seconds=n), UUID(int=n + 2)) for n in range(100)]
        kept = caps.taken(PROMO, [old, *many], [], NOW)
        assert (len(kept), kept[-1]) == (2 + SPARE, many[0])

    def test_a_counter_of_no_rule_goes_when_no_rule_could_ask_for_it(self):
        ledger = Ledger(
            slots={"young#1": (Stamp(NOW - 30 * DAY, ME),), "old#1": (Stamp(NOW - 40 * DAY, ME),)}
        )
        assert set(slots.merged(ledger, {}, NOW).slots) == {"young#1"}

    def test_a_kept_delivery_takes_a_slot_of_all_that_count_it_and_an_ended_gives_them_back(self):
        each, known = draft(PROMO, MAIL), facts(PROMO)
        after = slots.after(Keep(), each, known, NOW)
        assert after.slots == {counter(cap): (Stamp(NOW, ME),) for cap in (PROMO, MAIL)}
        ended = slots.after(Expire(), each, replace(known, ledger=after), NOW)
        assert ended == Ledger()
        doubted = replace(each, doubted=True)
        assert slots.after(Expire(), doubted, replace(known, ledger=after), NOW) is after

    def test_without_a_rule_that_counts_it_nothing_changes(self):
        for verdict in (Keep(), Expire(), HoldUntil(NOW, Hold.RATE)):
            known = facts(PROMO, HOUR)
            assert slots.after(verdict, draft(), known, NOW) is known.ledger


class TestThePolicy:
    """What becomes of a message."""

    def decide(self, known: Facts, *rules: Cap, **values: Any) -> Any:
        return frequency_cap.decide(draft(*rules, **values), known, NOW)

    def test_a_free_slot_keeps_and_says_so(self):
        assert self.decide(facts(PROMO, HOUR), PROMO) == Keep("promo@3 1/2")
        assert self.decide(facts(PROMO, HOUR), PROMO, klass=Class.CRITICAL) == Keep()

    @pytest.mark.parametrize(
        ("over", "verdict"),
        [
            (Over.HOLD, HoldUntil(NOW + DAY - 2 * HOUR, Hold.FREQUENCY_CAP, "promo@3 2/2")),
            (Over.SKIP, SkipBecause(Skip.OVER_CAP, "promo@3 2/2")),
            (Over.DOWNGRADE, SkipBecause(Skip.DOWNGRADED, "promo@3 2/2")),
        ],
    )
    def test_over_it_the_rule_says_what_becomes_of_it(self, over: Over, verdict: Any):
        cap = replace(PROMO, over=over)
        assert self.decide(facts(cap, HOUR, 2 * HOUR), cap) == verdict

    def test_over_it_what_can_be_told_together_goes_at_the_rules_time(self):
        known = facts(GATHERED, HOUR, 2 * HOUR, zone="Asia/Tokyo")
        into = self.decide(known, GATHERED, step=TELLS)
        assert isinstance(into, Collect)
        assert into.note == "promo@3 2/2"
        assert into.into.closes_at == datetime(2026, 11, 23, 9, tzinfo=UTC)  # 18:00 there
        again = replace(known, digests={into.into.group: into.into})
        assert self.decide(again, GATHERED, step=TELLS).into.members == 2
        assert self.decide(facts(GATHERED, HOUR), GATHERED, step=TELLS) == Keep("promo@3 1/2")

    @pytest.mark.parametrize(
        "why",
        [
            {"digest": True}, {"attempt": 1}, {"expires_at": NOW + HOUR},
            {"step": replace(TELLS, tells_many=False)},
            {"topic": make_topic(klass=Class.PROMOTIONAL, sensitive=True)},
        ],
        ids=["a digest itself", "under way", "would expire", "its template tells of one", "secret"],
    )  # fmt: skip
    def test_over_it_what_cannot_be_collected_waits(self, why: dict[str, Any]):
        held = self.decide(facts(GATHERED, HOUR, 2 * HOUR), GATHERED, **{"step": TELLS, **why})
        assert isinstance(held, HoldUntil)
        assert held.reason is Hold.FREQUENCY_CAP

    def test_over_it_a_topics_own_digest_goes_before_the_rules(self):
        rule = Digest(DigestKind.FIRST_THEN, ("email",), wait=HOUR)
        topic = make_topic(klass=Class.PROMOTIONAL, digest=rule)
        found = self.decide(facts(GATHERED, HOUR, 2 * HOUR), GATHERED, topic=topic)
        assert (found.into.kind, found.into.closes_at) == (DigestKind.FIRST_THEN, NOW + HOUR)

    def test_of_full_rules_the_sharpest_decides(self):
        waits = replace(GATHERED, key="waits", over=Over.HOLD, digest=None)
        ends = replace(GATHERED, key="ends", over=Over.SKIP, digest=None)
        known = facts(GATHERED, HOUR, 2 * HOUR)
        full = {
            counter(cap): known.ledger.slots[counter(GATHERED)] for cap in (GATHERED, waits, ends)
        }
        known = replace(known, ledger=Ledger(slots=full))
        assert isinstance(self.decide(known, waits, GATHERED, step=TELLS), Collect)
        assert isinstance(self.decide(known, waits, GATHERED, ends, step=TELLS), SkipBecause)

    def test_without_an_in_app_step_there_is_nothing_to_downgrade_to(self):
        cap = replace(PROMO, over=Over.DOWNGRADE)
        topic = make_topic(klass=Class.PROMOTIONAL)
        topic = replace(topic, steps=topic.steps[:1])
        held = self.decide(facts(cap, HOUR, 2 * HOUR), cap, topic=topic)
        assert isinstance(held, HoldUntil)

    def test_it_waits_at_most_until_it_expires(self):
        until = NOW + HOUR
        held = self.decide(facts(PROMO, HOUR, 2 * HOUR), PROMO, expires_at=until)
        assert held == HoldUntil(until, Hold.FREQUENCY_CAP, "promo@3 2/2")

    def test_several_rules_are_all_kept(self):
        one = replace(PROMO, key="one", limit=1)
        known = facts(one, 3 * HOUR)
        two = facts(PROMO, HOUR, 2 * HOUR).ledger.slots
        known = replace(known, ledger=Ledger(slots={**known.ledger.slots, **two}))
        held = self.decide(known, one, PROMO)
        assert held == HoldUntil(NOW + DAY - 2 * HOUR, Hold.FREQUENCY_CAP, "promo@3 2/2")
        skipped = self.decide(known, replace(one, over=Over.SKIP), PROMO)
        assert skipped == SkipBecause(Skip.OVER_CAP, "one@3 1/1")
        assert self.decide(facts(one), one, PROMO) == Keep("one@3 0/1")

    def test_a_new_rule_waits_until_it_knows_what_was_sent(self):
        each = draft(PROMO)
        each = replace(each, rules=replace(each.rules, warm=frozenset()))
        held = frequency_cap.decide(each, facts(PROMO), NOW)
        assert held == HoldUntil(NOW + timedelta(seconds=5), Hold.FREQUENCY_CAP, "promo@3 warming")

    def test_who_is_more_important_and_decided_elsewhere_goes_first(self):
        rival = draft(klass=Class.TRANSACTIONAL, delivery_id=UUID(int=5))
        soon = HoldUntil(NOW + timedelta(seconds=1), Hold.FREQUENCY_CAP, "mail@3 2/2")
        assert self.decide(facts(MAIL, HOUR), MAIL, rivals=(rival,)) == soon
        assert self.decide(facts(MAIL), MAIL, rivals=(rival,)) == Keep("mail@3 1/2")
        assert self.decide(facts(PROMO, HOUR), PROMO, rivals=(rival,)) == Keep("promo@3 1/2")

    @pytest.mark.parametrize(
        ("note", "told"),
        [
            ("promo-daily@3 2/2", "Rule promo-daily (version 3): 2 of 2 were taken."),
            (
                "promo-daily@3 warming",
                "Rule promo-daily (version 3) is new and still counts what was sent before.",
            ),
        ],
    )
    def test_notes_are_told_as_sentences(self, note: str, told: str):
        assert frequency_cap.tell(note) == told


def test_a_trace_tells_by_which_rule_something_was_collected():
    noted = "2026-11-23T17:00:00+00:00 offers@3 1/1"
    (found,) = findings({"gate": [["frequency_cap", "collect", noted]]})
    assert (found.outcome, found.until) == (
        Outcome.COLLECTED, datetime(2026, 11, 23, 17, tzinfo=UTC),
    )  # fmt: skip
    assert found.note == "Rule offers (version 3): 1 of 1 were taken."
