"""Accounts by the command `tidings accounts`."""

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from scheduler.commands import accounts as commands
from tests.pipeline import Pipeline


@pytest.fixture
def command(setting: Callable[[str, str], None], database_url: str) -> Callable[..., Any]:
    setting("DATABASE_URL", database_url)
    return lambda *words, **more: CliRunner().invoke(commands.app, words, **more)


async def test_accounts_are_added_changed_and_listed_without_their_secrets(
    pipeline: Pipeline, command: Callable[..., Any]
):
    secret = "smtp://ada:hush@mail.example.com:587?tls=starttls"
    assert "carries email" in command("add", "main", "-", input=secret).stdout
    assert command("update", "main", "--priority", "7", "--weight", "3").exit_code == 0
    assert command("limit", "main", "600", "--to", "Google").exit_code == 0
    assert command("warm-up", "example.com", "--since", "2026-11-01").exit_code == 0
    assert command("disable", "main").exit_code == 0
    listed = command("list").stdout
    assert "mail.exam" in listed
    assert "disabled" in listed
    assert pipeline.row("SELECT url, priority, weight, enabled FROM provider_accounts") == (
        secret, 7, 3, False,
    )  # fmt: skip
    assert pipeline.rows("SELECT * FROM account_limits") == [("main", "google", 600)]
    assert pipeline.value("SELECT count(*) FROM warm_ups") == 1
    command("limit", "main", "0", "--to", "google")
    command("warm-up", "example.com", "--off")
    command("enable", "main")
    assert pipeline.value("SELECT count(*) FROM account_limits") == 0
    assert pipeline.value("SELECT count(*) FROM warm_ups") == 0
    audit = pipeline.column("SELECT action || detail FROM audit")
    assert len(audit) == 8
    assert "hush" not in str(audit) + listed


async def test_an_account_has_the_price_that_somebody_said(
    pipeline: Pipeline, command: Callable[..., Any]
):
    command("add", "main", "smtp://mail.example.com")
    assert command("price", "main", "0.80").exit_code == 0
    assert command("price", "main", "0.80").exit_code == 0, "twice is once"
    assert "0.80" in command("list").stdout
    assert isinstance(command("price", "main", "cheap").exception, ValueError)
    assert isinstance(command("price", "other", "1").exception, ValueError)
    assert str(pipeline.value("SELECT price FROM provider_accounts")) == "0.8000"
    command("update", "main", "--priority", "7")
    assert str(pipeline.value("SELECT price FROM provider_accounts")) == "0.8000"
    command("price", "main", "none")
    assert pipeline.value("SELECT price FROM provider_accounts") is None


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("add", "main", "mail.example.com"), "bad SMTP URL"),
        (("add", "main", "smtp://x", "--provider", "pigeon"), "pigeon is no provider"),
        (("update", "main"), "there is no account main"),
        (("disable", "main"), "there is no account main"),
    ],
)
async def test_what_no_worker_could_use_is_refused(
    pipeline: Pipeline, command: Callable[..., Any], words: tuple[str, ...], complaint: str
):
    done = command(*words)
    assert done.exit_code == 1
    assert complaint in str(done.exception)
    assert pipeline.value("SELECT count(*) FROM audit") == 0
