"""The page Audit and its exports: who may see them, what is masked, what they find."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from urllib.parse import urlencode
from uuid import UUID

import httpx
import pytest

from dashboard import actions, data
from dashboard.reading import audits, people as reading_people
from models.people import AuditEntry, Person, Role
from models.queries.console import people
from tests.gate import fetched

Make = Callable[..., UUID]


@pytest.fixture
def written(reading: str, person: Make) -> str:
    """A database in which an admin did three things."""
    admin, viewer = person("admin"), person("viewer")
    found = reading_people.person(viewer)
    assert isinstance(found, Person)
    actions.set_roles(admin, found, [Role.AUTHOR])
    with data.database().begin() as tx:
        for subject, why in (("anna@example.com", "=she asked"), ("topic:news", "a typo")):
            tx.run(
                people.write_audit(AuditEntry(data.now(), "cli:ada@x", "did", subject, {}, why=why))
            )
    return reading


def told(at: object) -> str:
    kinds = ("markdown", "caption", "code", "title", "error")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind))  # type: ignore[attr-defined]


def exported(by: UUID, path: str) -> httpx.Response:
    return fetched(audits.ROUTES, path, by)


def test_an_entry_opens_with_what_changed(written: str, open_page: Callable[..., object]):
    assert written
    (line,) = (one for one in audits.listed(audits.AuditWanted(action="set roles")))
    shown = told(open_page("audit", "admin", entry=str(line.audit_id)))

    assert '-  "viewer"' in shown
    assert '+  "author"' in shown


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("role", [Role.VIEWER, Role.AUTHOR, Role.SUPPORT])
def test_who_may_not_see_it_has_no_export(person: Make, role: Role):
    before = audits.listed(audits.AuditWanted())

    assert exported(person(role), "/export/audit.csv").status_code == 403
    assert audits.listed(audits.AuditWanted()) == before


@pytest.mark.usefixtures("written")
def test_exports_are_masked_guarded_and_written_down(person: Make):
    operator, admin = person("operator"), person("admin")
    query = "?audit_by=cli:ada@x"
    masked = list(csv.DictReader(StringIO(exported(operator, f"/export/audit.csv{query}").text)))
    full = exported(
        admin, "/export/audit.jsonl?audit_words=SHE%20asked&audit_did=did"
    ).text.splitlines()

    assert [(line["subject"], line["why"]) for line in masked] == [
        ("topic:news", "a typo"), ("a•••@example.com", "'=she asked"),
    ]  # fmt: skip
    assert [json.loads(line)["subject"] for line in full] == ["anna@example.com"]
    assert len(audits.listed(audits.AuditWanted(action="exported the audit"))) == 2


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize(
    ("role", "words", "found"),
    [
        ("operator", "anna@", False),
        ("operator", "nna@example.com", False),
        ("operator", "a•••@example.com", True),
        ("operator", "=SHE", True),
        ("engineer", "anna@", True),
    ],
)
def test_nobody_finds_out_by_searching_what_is_masked(
    person: Make, role: str, words: str, *, found: bool
):
    who = person(role)
    for path in ("/export/audit.csv", "/export/audit.jsonl"):
        said = exported(who, f"{path}?{urlencode({'audit_words': words})}").text
        assert ("=she asked" in said) is found
