"""`tidings simulate` and `tidings noise` on what the real pipeline recorded."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from models.records import Class
from scheduler.__main__ import build
from tests.pipeline import Pipeline

Command = Callable[..., Result]


@pytest.fixture
def tidings(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", pipeline.url)

    def run(*words: str) -> Result:
        return CliRunner().invoke(build(words[0]), list(words))

    return run


async def a_past(pipeline: Pipeline) -> None:
    """Anna got five mails and five items, Bo, who wants no mail, five items."""
    await pipeline.topic(klass=Class.PROMOTIONAL, channels=("in_app", "email"))
    pipeline.people("anna", "bo")
    with pipeline.make() as make:
        make.preference("bo", "news", allowed=False)
    for number in range(5):
        pipeline.emit(recipients=("anna", "bo"), data={"board": f"B{number}"}, actor="cy")
        await pipeline.run()


def policy_in(tmp_path: Path, text: str) -> str:
    (tmp_path / "policy.toml").write_text(text)
    return str(tmp_path / "policy.toml")


CAP = '[[caps]]\nkey = "two"\nlimit = 2\nper = "day"\nchannels = ["email"]\nover = "skip"\n'


async def test_a_cap_is_tried_on_what_happened(
    pipeline: Pipeline, tidings: Command, tmp_path: Path
):
    await a_past(pipeline)
    said = tidings("simulate", policy_in(tmp_path, CAP), "--days", "1", "--json")
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert found["messages"] == {"before": 15, "after": 12}
    assert {one["outcome"]: one["count"] for one in found["after"]} == {
        "sent": 12, "skipped:over_cap": 3, "skipped:opted_out": 5,
    }  # fmt: skip
    assert found["affected"] == [{"recipient": "anna", "before": 10, "after": 7}]
    text = tidings("simulate", policy_in(tmp_path, CAP), "--days", "1").output
    assert "15 went; 12 would have gone (-20%)" in text


async def test_a_digest_is_tried_on_what_happened(
    pipeline: Pipeline, tidings: Command, tmp_path: Path
):
    await a_past(pipeline)
    digest = '[topics."board.shared".digest]\nkind = "fixed"\nsteps = ["email"]\nwait = "1h"\n'
    digest += 'by = ["actor"]\n'
    found = json.loads(tidings("simulate", policy_in(tmp_path, digest), "--json").stdout)
    assert {one["outcome"]: one["count"] for one in found["after"]} == {
        "sent": 11, "digested": 5, "skipped:opted_out": 5,
    }  # fmt: skip


async def test_trying_changes_nothing(pipeline: Pipeline, tidings: Command, tmp_path: Path):
    await a_past(pipeline)
    before = pipeline.rows("SELECT * FROM deliveries ORDER BY delivery_id")
    slots = pipeline.rows("SELECT * FROM ledger ORDER BY recipient_id")
    assert tidings("simulate", policy_in(tmp_path, CAP)).exit_code == 0
    assert pipeline.rows("SELECT * FROM deliveries ORDER BY delivery_id") == before
    assert pipeline.rows("SELECT * FROM ledger ORDER BY recipient_id") == slots


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("caps = 3", "caps"),
        ("[topics.unknown]\ndigest = false", "topics.unknown: there is no such topic"),
        ("[[caps", "this is no TOML"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    tidings: Command, tmp_path: Path, text: str, said: str
):
    result = tidings("simulate", policy_in(tmp_path, text))
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


async def test_the_noise_report_says_what_was_spared_and_by_what(
    pipeline: Pipeline, tidings: Command
):
    await a_past(pipeline)
    found = json.loads(tidings("noise", "--json").stdout)
    assert found["topics"] == [
        {"topic": "board.shared", "channel": "email", "planned": 10, "messages": 5, "waiting": 0,
         "spared": {"opted_out": 5}},
        {"topic": "board.shared", "channel": "in_app", "planned": 10, "messages": 10,
         "waiting": 0, "spared": {}},
    ]  # fmt: skip
    assert found["people"] == [{"recipient": "bo", "planned": 10, "messages": 5}]
    assert "opted_out" in tidings("noise").output
