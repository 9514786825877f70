"""`tidings domains` refuses what is no domain before it looks for a database."""

import pytest
from typer.testing import CliRunner

from scheduler.commands.domains import app

NO_DOMAINS = ["localhost", "a_b.example", "192.0.2.1", "x" * 300, "", "a@example.com", "../x"]
COMMANDS = [
    ["add"], ["keys"], ["rotate"], ["check"], ["retire", "--reason", "x"],
    ["sign", "--reason", "x", "t1"],
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_what_is_no_domain_is_refused(command: list[str]):
    for name in NO_DOMAINS:
        said = CliRunner().invoke(app, [command[0], name, *command[1:]])
        assert said.exit_code == 1
        assert "write it like example.com" in str(said.exception)


def test_an_unknown_algorithm_is_wrong_use():
    said = CliRunner().invoke(app, ["rotate", "example.com", "--algorithm", "dsa"])
    assert said.exit_code == 2
