"""The audit is only added to: by a trigger, and where roles can be told apart, by rights."""

import json
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection
from typer.testing import CliRunner

from models.database import SyncDatabase
from models.people import AuditEntry
from models.queries.console import people
from models.queries.console.audit import is_in_own_hands, rights
from scheduler.commands import audit

APP = "tidings_app_of_tests"
TAMPERING = (
    "UPDATE audit SET actor = 'somebody else'",
    "UPDATE audit SET at = at - interval '1 day', redacted_at = now()",
    "UPDATE audit SET subject = 'nothing'",
    "UPDATE audit SET actor = 'x', redacted_at = now()",
    "DELETE FROM audit",
    "TRUNCATE audit",
    "INSERT INTO audit SELECT * FROM audit ON CONFLICT (audit_id) DO UPDATE SET why = 'x'",
)


@pytest.fixture
def written(database_url: str) -> Iterator[Connection]:
    """A connection to a database in which somebody did two things."""
    database = SyncDatabase.connect(database_url, "tests", 1)
    now = database.now()
    with database.begin() as tx:
        for action in ("set roles", "published rules"):
            entry = AuditEntry(
                now, "ada@example.com", action, "lin@example.com", {"n": 1}, ["viewer"],
                ["admin"], "she asked",
            )  # fmt: skip
            tx.run(people.write_audit(entry))
    database.close()
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def kept(connection: Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT * FROM audit ORDER BY action").fetchall()


@pytest.mark.parametrize("statement", TAMPERING)
def test_nobody_changes_or_removes_an_entry(written: Connection, statement: str):
    before = kept(written)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
        written.execute(statement.encode())
    assert kept(written) == before


def test_taking_a_person_out_of_an_entry_is_itself_an_entry(written: Connection):
    changed = written.execute(
        "UPDATE audit SET subject = 'erased-1', redacted_at = now() WHERE action = 'set roles'"
    )

    assert changed.rowcount == 1
    noted = written.execute(
        """
        SELECT a.actor, b.action FROM audit a JOIN audit b ON a.subject = b.audit_id::text
         WHERE a.action = 'redacted an entry'
        """
    ).fetchall()
    assert noted == [(f"database user {written.info.user}", "set roles")]


def in_own_hands(connection: Connection) -> bool:
    """What `tidings doctor` asks."""
    return bool(connection.execute(is_in_own_hands().statement.encode()).fetchall()[0][0])


def test_where_roles_are_told_apart_the_services_cannot_even_remove_the_trigger(
    written: Connection,
):
    written.execute(f"DROP ROLE IF EXISTS {APP}".encode())
    written.execute(f"CREATE ROLE {APP} LOGIN".encode())
    assert in_own_hands(written)
    for _ in range(2):
        written.execute(rights(APP).encode())
    written.execute(f"SET SESSION AUTHORIZATION {APP}".encode())
    assert not in_own_hands(written)
    statements = (
        *TAMPERING,
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_stays ON audit",
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE audit OWNER TO CURRENT_USER",
        "DROP TABLE audit",
        "SET session_replication_role = replica",
        "SET ROLE tidings_audit",
    )
    for statement in statements:
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.SyntaxError)):
            written.execute(statement.encode())
    added = "INSERT INTO audit (audit_id, at, actor, action, subject, detail)"
    written.execute(f"{added} VALUES (gen_random_uuid(), now(), 'x', 'y', 'z', '{{}}')".encode())
    redacted = "UPDATE audit SET subject = 'erased-1', redacted_at = now() WHERE action = 'y'"

    assert written.execute(redacted.encode()).rowcount == 1
    assert len(kept(written)) == 4
    written.execute("RESET SESSION AUTHORIZATION")
    written.execute(f"DROP OWNED BY {APP}; DROP ROLE {APP}".encode())


def test_the_command_lists_what_is_asked_for(
    written: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
):
    assert len(kept(written)) == 2
    monkeypatch.setenv("TIDINGS_DATABASE_URL", database_url)

    def tidings(*words: str) -> str:
        return CliRunner().invoke(audit.app, list(words)).output

    assert "ada@example.com  set roles: lin@example.com (she asked)" in tidings("list", "SET")
    (line,) = tidings("list", "--json", "--did", "published rules").splitlines()
    document = json.loads(line)
    assert (document["before"], document["after"], document["why"]) == (
        ["viewer"], ["admin"], "she asked",
    )  # fmt: skip
    assert tidings("list", "--by", "nobody") == ""
    assert 'REVOKE ALL ON audit FROM PUBLIC, "a""b"' in tidings("rights", 'a"b')
