"""What each class may pass by."""

import pytest

from delivery.classes import BLIND, CLASSES, Gate, passes
from delivery.roads.switches import BLIND as STOPPED
from models.records import Class

ALWAYS_MAY = {Gate.MUTE, Gate.SNOOZE, Gate.QUIET_HOURS, Gate.CAPS, Gate.DIGEST, Gate.THROTTLE}


def test_every_class_has_its_line():
    assert set(CLASSES) == set(Class)


@pytest.mark.parametrize("gate", Gate)
def test_promotional_news_passes_by_nothing(gate: Gate):
    for mandatory in (False, True):
        assert not passes(Class.PROMOTIONAL, gate, mandatory=mandatory)


@pytest.mark.parametrize("gate", sorted(ALWAYS_MAY))
def test_critical_news_waits_for_no_ones_peace(gate: Gate):
    assert passes(Class.CRITICAL, gate, named=True)


def test_nobody_passes_by_a_suppressed_address():
    assert not any(passes(klass, Gate.SUPPRESSION, mandatory=True) for klass in Class)


@pytest.mark.parametrize("gate", [Gate.QUIET_HOURS, Gate.CAPS])
def test_transactional_news_obeys_a_rule_that_names_it(gate: Gate):
    assert passes(Class.TRANSACTIONAL, gate)
    assert not passes(Class.TRANSACTIONAL, gate, named=True)


@pytest.mark.parametrize("gate", [Gate.CHOICE, Gate.MUTE, Gate.SNOOZE])
def test_transactional_news_asks_unless_its_topic_is_mandatory(gate: Gate):
    assert passes(Class.TRANSACTIONAL, gate, mandatory=True)
    assert not passes(Class.TRANSACTIONAL, gate)


def test_while_nobody_can_read_the_switches_only_critical_news_goes():
    assert set(Class) - {Class.CRITICAL} == BLIND == STOPPED.classes
