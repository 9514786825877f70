"""Real ones, read by an independent parser too: how far the two agree."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from delivery.bounces.reading import read
from delivery.bounces.reports import Kind

SAMPLES = Path("/work/shared/data/bounces")
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")


Expected = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def expected() -> Expected:
    return json.loads((SAMPLES / "expected.json").read_text())


def pairs(expected: Expected) -> Iterator[tuple[str, Any, Any]]:
    for name, reports in expected.items():
        yield name, reports, read((SAMPLES / name).read_bytes()).reports


def test_as_many_recipients_are_found_as_there_are(expected: Expected):
    for name, theirs, ours in pairs(expected):
        assert len(ours) == len(theirs), name
        assert all(report.recipient for report in ours), name


def test_hard_and_soft_agree_in_95_of_100(expected: Expected):
    verdicts = [
        (ours.kind is Kind.HARD) == theirs["hard"]
        for _, reports, read_here in pairs(expected)
        for theirs, ours in zip(reports, read_here, strict=True)
    ]
    assert len(verdicts) > 100
    assert sum(verdicts) >= 0.95 * len(verdicts)


def test_reply_codes_and_telling_statuses_agree_in_95_of_100(expected: Expected):
    same = [
        theirs["code"] in ("", ours.code) and theirs["status"] in ("", ours.status)
        for _, reports, read_here in pairs(expected)
        for theirs, ours in zip(reports, read_here, strict=True)
        if not theirs["status"].startswith(("5.0.9", "4.0.9"))  # made up by their parser
    ]
    assert sum(same) >= 0.95 * len(same)


@pytest.mark.parametrize("ending", [b"\r\n", b"\r", b"\n"])
def test_lines_may_end_in_any_way(expected: Expected, ending: bytes):
    for name in expected:
        raw = (SAMPLES / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert read(raw.replace(b"\n", ending)).reports == read(raw).reports, name


def test_ordinary_mails_say_nothing():
    ordinary = sorted(SAMPLES.glob("not-*.eml"))
    assert len(ordinary) == 2
    assert [read(path.read_bytes()).reports for path in ordinary] == [(), ()]
