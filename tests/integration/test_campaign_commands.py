"""`tidings campaigns` beside the console: what it does without a second person is in the audit."""

import json

import pytest
from typer.testing import CliRunner

from scheduler.commands import campaigns
from tests.campaigns import KEY, audience, draft
from tests.pipeline import Pipeline


@pytest.mark.parametrize(("approvers", "past"), [(1, [(f"campaign {KEY}",)]), (0, [])])
async def test_a_launch_says_that_it_went_past_approvals(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, approvers: int, past: list[tuple[str]]
):
    await pipeline.topic("news", channels=("email",), words="x")
    pipeline.people("anna")
    thresholds = [{"kind": "campaign", "approvers": 1}] * approvers
    pipeline.run_sql(
        "INSERT INTO approval_thresholds (version, document, note, published_by, published_at)"
        " VALUES (1, CAST(%s AS jsonb), '', 'ada', now())",
        json.dumps({"lasts": "7 days", "thresholds": thresholds}),
    )
    await draft(pipeline, recipients=("anna",))
    monkeypatch.setenv("TIDINGS_DATABASE_URL", pipeline.url)
    launched = CliRunner().invoke(campaigns.app, ["launch", KEY])
    assert launched.exit_code == 0, launched.output
    gone = "SELECT subject FROM audit WHERE action = 'went past approvals'"
    assert pipeline.rows(gone) == past


async def test_a_launch_says_all_that_stands_in_its_way_and_writes_nothing(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    await pipeline.topic("news", channels=("email",), words="x")
    await audience(pipeline, "staff")
    pipeline.run_sql(
        "INSERT INTO switches (switch, reason, set_by, set_at) VALUES ('all', 'Fire', 'ada', now())"
    )
    await draft(pipeline, audience="staff")
    monkeypatch.setenv("TIDINGS_DATABASE_URL", pipeline.url)
    refused = CliRunner().invoke(campaigns.app, ["launch", KEY])
    assert refused.exit_code == 1
    nobody, switch = refused.output.splitlines()
    assert nobody.startswith("Nobody belongs to its audience now")
    assert switch.startswith("Kill switch all is on")
    assert pipeline.rows("SELECT state FROM campaigns") == [("draft",)]
    assert pipeline.rows("SELECT FROM campaign_runs") == []
