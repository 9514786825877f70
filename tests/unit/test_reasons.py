"""Codes and the sentences people read."""

import re

import pytest

from models.reasons import (
    SENTENCES,
    Exclusion,
    Failure,
    Hold,
    Rejection,
    Skip,
    Withdrawal,
    sentence,
)

ALL = [*Rejection, *Skip, *Hold, *Failure, *Withdrawal, *Exclusion]


@pytest.mark.parametrize("reason", ALL)
def test_a_code_is_a_word_and_its_sentence_a_sentence(reason: Skip):
    assert re.fullmatch(r"[a-z_]+", reason)
    assert re.fullmatch(r"[A-Z].*\.", reason.sentence)
    assert type(reason)(reason.value) is reason


def test_no_code_means_two_things():
    assert len(SENTENCES) == len(ALL)


def test_an_unknown_code_is_shown_as_it_is():
    assert sentence("opted_out") == Skip.OPTED_OUT.sentence
    assert sentence("from_a_newer_version") == "from_a_newer_version"
    assert sentence(None) == sentence("") == ""
