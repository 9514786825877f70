"""`tidings bounce`, run as people run it."""

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from scheduler.commands.bounce import bounce
from tests.unit.bounces.letters import dsn, failed, letter

app = typer.Typer()
app.command()(bounce)


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def written(folder: Path, name: str, raw: bytes) -> Path:
    file = folder / name
    file.write_bytes(raw)
    return file


def test_json_is_a_line_a_file_with_the_fields_of_the_contract(tmp_path: Path):
    said = "550 5.1.1 <anna@example.com>: user unknown"
    back = written(tmp_path, "a.eml", dsn(failed("anna@example.com", said)))
    mail = written(tmp_path, "b.eml", letter("Hello", From="Bo <bo@example.com>", Subject="Hi"))
    code, out, err = run("--json", back, mail)
    assert (code, err) == (0, "")
    first, second = map(json.loads, out.splitlines())
    assert first == {
        "file": str(back),
        "reports": [
            {
                "recipient": "anna@example.com",
                "status": "5.1.1",
                "code": "550",
                "kind": "hard",
                "reason": "invalid_recipient",
                "diagnostic": said,
            }
        ],
    }
    assert second == {"file": str(mail), "reports": []}


def test_people_read_the_sentence_and_the_evidence(tmp_path: Path):
    back = written(tmp_path, "a.eml", dsn(failed("anna@example.com", "552 5.2.2 over quota")))
    assert run(back)[1].splitlines() == [
        f"{back}: anna@example.com: soft, quota 552 5.2.2",
        "    The mailbox or its disk is full.",
        "    552 5.2.2 over quota",
    ]


def test_an_ordinary_mail_is_said_to_be_one(tmp_path: Path):
    mail = written(tmp_path, "a.eml", letter("Hello", From="Bo <bo@example.com>", Subject="Hi"))
    assert run(mail) == (0, f"{mail}: an ordinary mail\n", "")


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path):
    back = written(tmp_path, "a.eml", dsn(failed("anna@example.com", "552 5.2.2 over quota")))
    code, out, err = run("--json", tmp_path / "none.eml", back)
    assert code == 1
    assert err == f"{tmp_path / 'none.eml'}: No such file or directory\n"
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(back)]


def test_no_file_is_wrong_use():
    assert run()[0] == 2
