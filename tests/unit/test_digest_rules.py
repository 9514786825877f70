"""A topic's digest rule: what is read, written and refused."""

from datetime import time, timedelta

import pytest
from hypothesis import given, strategies as st

from models.records import Digest, DigestKind as Kind, Rhythm, read_digest

BY = st.lists(st.sampled_from(["actor", "thread", "data.a", "data.a.b"]), unique=True).map(tuple)
WAITS = st.integers(1, 5 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
RHYTHMS = st.builds(
    Rhythm, st.times().map(lambda t: time(t.hour, t.minute)), st.none() | st.integers(0, 6)
)
EMAIL = ("email",)
DIGESTS = st.one_of(
    st.builds(
        lambda by, wait, times: Digest(Kind.DEBOUNCE, EMAIL, by, wait, wait * times),
        BY, WAITS, st.integers(1, 6),
    ),
    st.builds(Digest, st.sampled_from([Kind.FIXED, Kind.FIRST_THEN]), st.just(EMAIL), BY, WAITS),
    st.builds(lambda by, r: Digest(Kind.RECURRING, EMAIL, by, rhythm=r), BY, RHYTHMS),
)  # fmt: skip


@given(DIGESTS)
def test_what_is_written_says_the_same_digest(digest: Digest):
    assert read_digest(digest.document) == digest
    assert digest.longest >= digest.wait


WHOLE = {"kind": "fixed", "steps": ["email"], "wait": "1h"}
DEBOUNCE = {"kind": "debounce", "steps": ["email"]}
RECURRING = {"kind": "recurring", "steps": ["email"]}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "digest: write an object"),
        ({}, "digest.kind: write debounce, fixed, first_then, recurring"),
        ({**WHOLE, "steps": []}, "digest.steps: name at least one step"),
        ({**WHOLE, "steps": "email"}, "digest.steps: write a list"),
        ({**WHOLE, "wait": None}, "digest.wait: write 30s"),
        ({**WHOLE, "wait": "0s"}, "digest.wait: write 30s"),
        ({**WHOLE, "wait": "31d"}, "at most 30d"),
        ({**WHOLE, "at_most": "2h"}, "digest.at_most: a fixed digest has no such setting"),
        ({**WHOLE, "by": ["data"]}, "digest.by: 'data': write actor, thread or data.some.field"),
        ({**DEBOUNCE, "wait": "2h", "at_most": "1h"}, "digest.at_most: shorter than wait"),
        (RECURRING, "digest.every: write day or week"),
        ({**RECURRING, "every": "week", "at": "09:00"}, "digest.on: write the weekday"),
        ({**RECURRING, "every": "day", "on": "monday", "at": "09:00"}, "digest.on: write the"),
        ({**RECURRING, "every": "day", "at": "9 am"}, "digest.at: write a local time"),
    ],
)
def test_what_is_no_digest_says_what_to_write(document: object, said: str):
    with pytest.raises(ValueError, match=r"digest") as caught:
        read_digest(document)
    assert said in str(caught.value)


def test_a_debounce_that_says_no_maximum_waits_six_times_as_long():
    assert read_digest({**DEBOUNCE, "wait": "10m"}).at_most == timedelta(hours=1)
    assert read_digest({**DEBOUNCE, "wait": "20d"}).at_most == timedelta(days=30)
