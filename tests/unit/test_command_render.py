"""`tidings render`, run as people run it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from scheduler.commands.render import render
from tests.unit.rendering.templates import column

app = typer.Typer()
app.command()(render)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    file = tmp_path / "mail.mjml"
    file.write_text(column("\n<mj-text>\nHi {{ data.name }} of {{ recipient.id }}</mj-text>"))
    return file


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_writes_html_with_its_jinja(template: Path):
    code, out, err = run(template)
    assert code == 0
    assert out.startswith("<!doctype html>")
    assert "Hi {{ data.name }}" in out
    assert err == ""


@pytest.mark.parametrize("data", [{"name": "Zoë"}, {"data": {"name": "Zoë"}}])
def test_fills_it_with_data(template: Path, tmp_path: Path, data: object):
    file = tmp_path / "data.json"
    file.write_text(json.dumps(data))
    code, out, _ = run(template, "--data", file)
    assert code == 0
    assert "Hi Zoë of anna" in out


def test_a_whole_context_may_say_who_is_written_to(template: Path, tmp_path: Path):
    file = tmp_path / "data.json"
    file.write_text(json.dumps({"data": {"name": "Zoë"}, "recipient": {"id": "bo"}}))
    assert "Hi Zoë of bo" in run(template, "--data", file)[1]


def test_problems_are_written_as_file_line_message(tmp_path: Path):
    file = tmp_path / "bad.mjml"
    file.write_text(column("\n<mj-txt/>\n<mj-text colour='red'>t</mj-text>"))
    code, out, err = run(file)
    assert code == 1
    assert out == ""
    assert err.splitlines() == [
        f"{file}:2: unknown element <mj-txt>",
        f'{file}:3: unknown attribute "colour" on <mj-text>',
    ]


def test_a_missing_variable_is_a_problem_of_its_line(template: Path, tmp_path: Path):
    file = tmp_path / "data.json"
    file.write_text("{}")
    code, _, err = run(template, "--data", file)
    assert code == 1
    assert err == f"{template}:3: 'data.name' is missing\n"


def test_json_that_cannot_be_read_is_a_problem_of_its_line(template: Path, tmp_path: Path):
    file = tmp_path / "data.json"
    file.write_text('{\n"a": }')
    code, _, err = run(template, "--data", file)
    assert code == 1
    assert err.startswith(f"{file}:2: ")


def test_a_file_that_is_not_utf_8_is_a_problem_of_its_line(tmp_path: Path):
    file = tmp_path / "bad.mjml"
    file.write_bytes(b"<mjml>\n\xff")
    assert run(file) == (1, "", f"{file}:2: this is not UTF-8\n")


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path):
    code, _, err = run(tmp_path / "none.mjml")
    assert code == 2
    assert "No such file" in err
