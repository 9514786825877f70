"""`tidings files`, as somebody types it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from scheduler.__main__ import build
from tests.pipeline import SECRET


@pytest.fixture(autouse=True)
def _configured(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET)
    monkeypatch.setenv("COLUMNS", "200")


def tidings(*arguments: object) -> Result:
    return CliRunner().invoke(build("files"), ["files", *map(str, arguments)])


def test_a_file_is_added_once_listed_and_removed(tmp_path: Path):
    pdf = tmp_path / "terms.pdf"
    pdf.write_bytes(b"%PDF 1")
    assert tidings("add", "terms", pdf, "--days", 30).exit_code == 0
    assert tidings("add", "terms", pdf).exit_code == 0, "the same again changes nothing"
    assert "application/pdf" in tidings("list").output
    pdf.write_bytes(b"%PDF 2")
    assert "another file has the key terms" in str(tidings("add", "terms", pdf).exception)
    assert tidings("remove", "terms").exit_code == 0
    assert "there is no file terms" in str(tidings("remove", "terms").exception)


def test_what_no_mail_may_carry_is_refused_and_says_what_may(tmp_path: Path):
    program = tmp_path / "setup.exe"
    program.write_bytes(b"MZ")
    assert "name one that ends in csv" in str(tidings("add", "setup", program).exception)
    assert "setup" not in tidings("list").output
