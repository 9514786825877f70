"""Traces become sentences, also those of policies this version does not know."""

from datetime import UTC, datetime

import pytest

from delivery import explain, trace
from delivery.explain import Outcome
from delivery.policies import DUE, PLANNED
from models.reasons import Failure, Hold, Skip
from models.states import DeliveryState


def test_stages_are_told_in_the_order_of_a_life():
    trace = {"send": [["rate", "keep", ""]], "gate": [], "plan": [["actor", "keep", ""]]}

    assert [finding.stage for finding in explain.findings(trace)] == ["plan", "send"]


def test_a_passed_check_is_told_by_its_rule():
    (found,) = explain.findings({"plan": [["actor", "keep", ""]]})

    assert found.outcome is Outcome.KEPT
    assert found.sentence == "Nobody is notified of their own doing."


def test_a_skip_is_told_by_its_reason():
    (found,) = explain.findings({"gate": [["consent", f"skip:{Skip.OPTED_OUT}", "marketing"]]})

    assert found.outcome is Outcome.SKIPPED
    assert found.sentence == Skip.OPTED_OUT.sentence
    assert found.note == "marketing"


def test_a_hold_says_until_when():
    until = datetime(2026, 11, 23, 8, tzinfo=UTC)
    (found,) = explain.findings(
        {"gate": [["quiet", f"hold:{Hold.QUIET_HOURS}", until.isoformat()]]}
    )

    assert (found.outcome, found.until) == (Outcome.HELD, until)


def test_a_hold_says_what_it_saw():
    until = datetime(2026, 11, 23, 8, tzinfo=UTC)
    (found,) = explain.findings(
        {"gate": [["caps", f"hold:{Hold.FREQUENCY_CAP}", f"{until.isoformat()} daily@3 2/2"]]}
    )

    assert (found.until, found.note) == (until, "daily@3 2/2")


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (DeliveryState.SENT, Outcome.SENT),
        (DeliveryState.DELIVERED, Outcome.SENT),
        (Hold.BACKOFF, Outcome.HELD),
        (Failure.ADDRESS_REFUSED, Outcome.FAILED),
        (Failure.CONNECTION_LOST, Outcome.IN_DOUBT),
        (Failure.NO_ANSWER, Outcome.IN_DOUBT),
        (Failure.WORKER_LOST, Outcome.IN_DOUBT),
        (Failure.CRASHED, Outcome.IN_DOUBT),
        (Failure.RESTORED, Outcome.IN_DOUBT),
        (Hold.DOUBT, Outcome.IN_DOUBT),
        (trace.PASSED_ON, Outcome.FAILED),
        (trace.FULL, Outcome.HELD),
    ],
)
def test_what_the_sending_said_is_told(said: str, outcome: Outcome):
    (found,) = explain.findings({"send": [["account", said, "local"]]})

    assert (found.outcome, found.note) == (outcome, "local")
    assert found.sentence.endswith(".")


@pytest.mark.parametrize("who", ["person", "answer"])
def test_who_wanted_it_again_is_told_before_what_came_of_it(who: str):
    again, gate = explain.findings(
        {"gate": [["expiry", "keep", ""]], "again": [[who, "again", ""]]}
    )

    assert (again.stage, again.outcome, gate.stage) == ("again", Outcome.AGAIN, "gate")
    assert again.sentence.endswith(".")


def test_a_trace_as_it_is_kept_is_told():
    kept = trace.start("gate", (("expiry", "keep", ""), ("consent", "skip:opted_out", "news")))

    expiry, consent = explain.findings(trace.read(kept))

    assert (expiry.outcome, expiry.note) == (Outcome.KEPT, "")
    assert (consent.outcome, consent.note) == (Outcome.SKIPPED, "news")


def test_an_unknown_policy_is_still_told():
    (found,) = explain.findings({"gate": [["moon_phase", "keep", ""]]})

    assert "moon_phase" in found.sentence


def test_every_policy_explains_itself():
    for name, policy in (*PLANNED, *DUE):
        assert policy.__doc__, name
        assert policy.__doc__.splitlines()[0].endswith("."), name


def test_no_trace_has_no_findings():
    assert explain.findings(None) == ()
