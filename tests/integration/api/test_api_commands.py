"""`tidings keys`, `emit`, `import recipients` and `api`, as people run them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from typer.testing import CliRunner

from scheduler.__main__ import build

Environment = dict[str, str]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> Environment:
    return {
        **os.environ,
        "TIDINGS_DATABASE_URL": database_url,
        "TIDINGS_DATA_DIR": str(tmp_path),
        "TIDINGS_SECRET_KEY": "s" * 40,
    }


def tidings(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command in this process: to start one costs more than what most of them do."""
    done = CliRunner(env=environment).invoke(build(arguments[0]), arguments)
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def process(environment: Environment, *arguments: str | bytes) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scheduler", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def select(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


@contextmanager
def running_api(environment: Environment) -> Iterator[str]:
    """`tidings api` on a free port; its base URL."""
    command = [sys.executable, "-m", "scheduler", "api", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                break
        else:
            raise AssertionError("it ended before it listened")
        try:
            yield found[0]
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()
            assert process.wait(20) in {0, -signal.SIGTERM}


def test_a_key_opens_the_api_until_it_is_revoked(environment: Environment):
    made = tidings(environment, "keys", "create", "shop")
    assert made.returncode == 0
    secret = made.stdout.strip()
    assert secret.startswith("tid_")
    event = {"topic": "t", "recipients": ["anna"]}
    headers = {"Authorization": f"Bearer {secret}"}
    with running_api(environment) as base:
        assert httpx.post(f"{base}/v1/events", json=event, headers=headers).status_code == 202
        revoked = tidings(environment, "keys", "revoke", secret[:10])
        assert (revoked.returncode, revoked.stderr) == (0, "")
        assert httpx.post(f"{base}/v1/events", json=event, headers=headers).status_code == 401
    again = tidings(environment, "keys", "revoke", secret[:10])
    assert again.returncode == 2
    assert len(again.stderr.splitlines()) == 1


def test_lists_keys_without_what_they_open(environment: Environment):
    secret = tidings(
        environment, "keys", "create", "shop", "--scope", "feed:token", "--source", "web",
        "--days", "30",
    ).stdout.strip()  # fmt: skip
    tidings(environment, "keys", "create", "shop", "--source", "web")
    listed = tidings({**environment, "COLUMNS": "200"}, "keys", "list").stdout
    assert secret[:10] in listed
    assert secret not in listed
    assert listed.count("web") == 2
    assert "feed:token" in listed
    assert "until" in listed


def test_refuses_a_scope_that_does_not_exist(environment: Environment):
    made = tidings(environment, "keys", "create", "shop", "--scope", "everything")
    assert made.returncode == 2
    assert "Traceback" not in made.stderr


def test_emits_one_row(environment: Environment, database_url: str):
    done = tidings(
        environment, "emit", "board.shared", "--to", "anna", "--to", "bo",
        "--data", '{"board": "Roadmap"}', "--dedup-key", "k", "--actor", "mark",
    )  # fmt: skip
    assert done.returncode == 0
    [row] = select(
        database_url,
        "SELECT id::text, topic, recipients, data, dedup_key, actor, problem, source FROM outbox",
    )
    assert row == (
        done.stdout.strip(), "board.shared", ["anna", "bo"], {"board": "Roadmap"}, "k", "mark",
        None, None,
    )  # fmt: skip


@pytest.mark.parametrize("data", ["{broken", '{"a": NaN}', "[" * 5000, ""])
def test_refuses_data_that_is_not_json(environment: Environment, database_url: str, data: str):
    done = tidings(environment, "emit", "t", "--to", "anna", "--data", data)
    assert done.returncode == 2
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert "--data" in line
    assert select(database_url, "SELECT id FROM outbox") == []


def test_emits_what_cannot_be_stored_as_an_event_to_reject(
    environment: Environment, database_url: str
):
    done = process(
        environment, "emit", "t", "--to", b"caf\xe9", "--data", json.dumps({"x": "a\0b"})
    )
    assert done.returncode == 0
    [[recipients, data, problem]] = select(
        database_url, "SELECT recipients, data, problem FROM outbox"
    )
    assert recipients == [r"caf\udce9"]
    assert data == {"x": r"a\u0000b"}
    assert "/recipients/0, /data/x" in str(problem)


def test_imports_recipients(environment: Environment, database_url: str, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("recipient_id,name,email\nanna,Anna,anna@example.com\nbo,Bo,broken\n")
    done = tidings(environment, "import", "recipients", str(file))
    assert done.returncode == 0
    assert done.stdout == "1 recipients written.\n"
    assert "people.rejects.csv" in done.stderr
    assert select(database_url, "SELECT recipient_id FROM recipients") == [("anna",)]


@pytest.mark.parametrize("header", ["", "name,email", "recipient_id,nick"])
def test_refuses_a_file_whose_columns_mean_nothing(
    environment: Environment, tmp_path: Path, header: str
):
    file = tmp_path / "people.csv"
    file.write_text(f"{header}\na,b\n")
    done = tidings(environment, "import", "recipients", str(file))
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert "recipient_id" in line


def test_the_api_starts_while_its_database_is_away(environment: Environment):
    away = {**environment, "TIDINGS_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    with running_api(away) as base:
        assert httpx.get(f"{base}/healthz").status_code == 200
        started = time.monotonic()
        assert httpx.get(f"{base}/readyz").status_code == 503
        assert time.monotonic() - started < 5


def test_the_api_says_where_it_listens_and_nothing_else_of_itself(environment: Environment):
    command = [sys.executable, "-m", "scheduler", "api", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "running on http://127.0.0.1:" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.stderr.read() == ""


def test_the_api_says_in_one_line_what_it_lacks(environment: Environment):
    done = process({**environment, "TIDINGS_SECRET_KEY": ""}, "api")
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "TIDINGS_SECRET_KEY" in line
