"""The page says every kind and reason, and no other."""

import re
from pathlib import Path

from delivery.bounces.reports import Kind, Reason

PAGE = (Path(__file__).parents[3] / "docs" / "bounces.md").read_text()


def rows(heading: str) -> dict[str, str]:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))


def test_every_kind_is_told():
    assert set(rows("Kinds")) == set(Kind)


def test_every_reason_is_told_with_its_sentence():
    assert rows("Reasons") == {reason.value: reason.sentence for reason in Reason}
