"""`tidings doubt` and `tidings requeue`, as somebody types them."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner, Result

from scheduler.__main__ import build
from scheduler.commands.operator import moment, operator
from tests.factories import Made, rows
from tests.values import NOW


@pytest.fixture(autouse=True)
def _configured(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)


def made(url: str, recipient: str, state: str, reason: str) -> Made:
    with rows(url) as make:
        one = make.delivery(
            recipient, state=state, reason=reason, trace={}, attempts=1, ago=timedelta(minutes=1)
        )
        outcome = state if state == "in_doubt" else "failed"
        make.attempt(one, outcome=outcome, reason=reason, code=None)
    return one


def tidings(*arguments: object, answer: str = "") -> Result:
    words = [str(each) for each in arguments]
    return CliRunner().invoke(build(words[0]), words, input=answer)


def states(url: str) -> dict[str, str]:
    with rows(url) as make:
        found = make.connection.exec_driver_sql(
            "SELECT recipient_id, state FROM v_deliveries ORDER BY 1"
        )
        return {row.recipient_id: row.state for row in found}


def test_lists_what_is_in_doubt(database_url: str):
    doubt = made(database_url, "anna", "in_doubt", "no_answer")
    made(database_url, "bo", "failed", "rendering")
    told = tidings("doubt", "list").output
    assert str(doubt.id) in told
    assert "page.edited to anna over email: No answer to the final dot came in time." in told
    assert told.endswith("1 in doubt.\n")
    line = json.loads(tidings("doubt", "list", "--json").output)
    assert (line["recipient"], line["reason"], line["attempts"]) == ("anna", "no_answer", 1)


def test_nothing_in_doubt_is_said(database_url: str):
    made(database_url, "bo", "failed", "rendering")
    assert tidings("doubt", "list").output == "Nothing is in doubt.\n"


@pytest.mark.parametrize(
    ("word", "end"), [("sent", "sent"), ("again", "scheduled"), ("cancel", "cancelled")]
)
def test_resolves_by_id_once(database_url: str, word: str, end: str):
    doubt = made(database_url, "anna", "in_doubt", "no_answer")
    first = tidings("doubt", "resolve", word, doubt.id)
    assert first.exit_code == 0, first.output
    assert states(database_url) == {"anna": end}
    second = tidings("doubt", "resolve", word, doubt.id)
    assert isinstance(second.exception, ValueError)
    assert "left: it is" in second.output
    with rows(database_url) as make:
        actors = make.connection.exec_driver_sql("SELECT actor FROM audit").scalars().all()
    assert actors == [operator()]


def test_resolves_by_filter_after_asking(database_url: str):
    made(database_url, "anna", "in_doubt", "no_answer")
    made(database_url, "bo", "in_doubt", "worker_lost")
    filters = ("doubt", "resolve", "sent", "--reason", "worker_lost")
    refused = tidings(*filters, answer="n\n")
    assert "1 match" in refused.output
    assert states(database_url) == {"anna": "in_doubt", "bo": "in_doubt"}
    assert "1 counted as sent." in tidings(*filters, answer="y\n").output
    assert states(database_url) == {"anna": "in_doubt", "bo": "sent"}
    assert "0 counted as sent." in tidings(*filters, "--yes").output


def test_sends_dead_letters_again_by_filter(database_url: str):
    made(database_url, "anna", "failed", "rendering")
    made(database_url, "bo", "failed", "content_refused")
    made(database_url, "cy", "skipped", "opted_out")
    told = tidings("requeue", "--state", "failed", "--reason", "rendering", "--yes").output
    assert "1 scheduled again." in told
    assert states(database_url) == {"anna": "scheduled", "bo": "failed", "cy": "skipped"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("requeue",), "say which"),
        (("requeue", "--state", "sent"), "can be sent again"),
        (("requeue", "--reason", "bad_luck"), "there is no reason bad_luck"),
        (("requeue", "--state", "failed", "--since", "yesterday"), "is no moment"),
        (("requeue", "nonsense"), "is not the id of a delivery"),
        (("doubt", "resolve", "maybe"), "'maybe' is not one of"),
    ],
)
def test_wrong_use_is_told(arguments: tuple[str, ...], complaint: str):
    told = tidings(*arguments)
    assert told.exit_code == 2
    assert complaint in " ".join(told.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-11-22T15:05:00+01:00", datetime(2026, 11, 22, 14, 5, tzinfo=UTC)),
    ],
)
def test_a_moment_is_written_in_two_ways(text: str, means: datetime):
    assert moment(text, NOW) == means


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(typer.BadParameter, match="time zone"):
        moment("2026-11-22T15:05:00", NOW)
