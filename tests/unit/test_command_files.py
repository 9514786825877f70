"""Files that commands read: how far they are is told where somebody looks, and nowhere else."""

from pathlib import Path

import pytest

from scheduler.commands.files import text_of


@pytest.mark.parametrize(("terminal", "told"), [("1", True), ("0", False)])
def test_a_terminal_is_told_how_many_lines_were_read(
    terminal: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    told: bool,
):
    monkeypatch.setenv("TTY_COMPATIBLE", terminal)
    file = tmp_path / "people.csv"
    file.write_text("anna\n" * 2345)
    with text_of(file, "utf-8") as lines:
        assert sum(1 for _ in lines) == 2345
    said = capsys.readouterr().err
    assert ("2,345 lines" in said) is told
    assert bool(said) is told
