"""Judging in a child process: the same findings, and no template holds anybody up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from delivery.publishing.apart import Judge
from delivery.publishing.findings import Finding
from delivery.publishing.material import Proposal, Sample
from models.records import Partial, TemplateVersion
from tests.unit.publishing.proposals import found, item, mail, use

SAMPLES = (Sample("page.edited", {"page": "P", "rows": []}, {"id": "b", "locale": "de"}),)
ENDLESS = "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}"


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    made = Judge()
    yield made
    made.close()


def said(judge: Judge, version: TemplateVersion) -> list[Finding]:
    return judge.findings(Proposal({"en": version}, "en", (use(),), SAMPLES))


def test_it_finds_the_same(judge: Judge):
    version = mail(
        '<mj-image src="a.png"/>', subject="A & B!!", partials=(Partial("p", 1, "en", ""),)
    )
    assert said(judge, version) == found(version, samples=SAMPLES)


def test_an_endless_template_is_over_budget_and_the_next_one_is_judged(judge: Judge):
    assert said(judge, item(source=ENDLESS))[0].code == "over-budget"
    assert said(judge, item()) == []


def children() -> set[str]:
    """The processes that judge for this one; tests before it may have left some."""
    return {
        child
        for child in Path("/proc/thread-self/children").read_text().split()
        if b"delivery.publishing.apart" in Path(f"/proc/{child}/cmdline").read_bytes()
    }


def test_what_did_not_change_is_not_judged_again(judge: Judge):
    loud, calm = item(subject="LOOK AT THIS PAGE"), item(subject="Look at this page")
    first = said(judge, loud)
    judge.close()
    others = children()
    assert said(judge, loud) == first != []
    assert children() == others
    assert said(judge, calm) == []
    assert len(children() - others) == 1


def test_what_takes_too_long_in_all_is_an_error_and_not_a_wait():
    judge = Judge(patience=0)
    [finding] = said(judge, item())
    judge.close()
    assert finding.blocks
