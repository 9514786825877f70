"""Short codes about why, kept as JSON."""

import json

from hypothesis import given, strategies as st

from delivery import trace

WORDS = st.text(max_size=20)
CHECKS = st.lists(st.tuples(WORDS, WORDS, WORDS), max_size=5).map(tuple)


def test_a_check_that_kept_without_a_word_is_its_name():
    text = trace.start("plan", (("actor", "keep", ""), ("consent", "keep", "mandatory")))
    assert json.loads(text) == {"plan": [["actor"], ["consent", "keep", "mandatory"]]}


@given(CHECKS, CHECKS)
def test_a_stage_that_runs_again_replaces_what_it_said(first: tuple, second: tuple):
    planned = trace.start("plan", first)
    gated = trace.extend(planned, "gate", first)
    again = trace.extend(gated, "gate", second)
    assert again == trace.extend(planned, "gate", second)
    assert trace.read(again)["plan"] == trace.read(planned)["plan"]


@given(CHECKS)
def test_reading_and_writing_a_trace_changes_nothing(checks: tuple):
    gated = trace.extend(trace.start("plan", checks), "gate", checks)
    sent = trace.read(trace.extend(gated, "send", ()))
    assert {name: sent[name] for name in ("plan", "gate")} == trace.read(gated)
