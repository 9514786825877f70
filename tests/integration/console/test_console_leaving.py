"""A person's data is taken along or erased by whoever may, and nobody else."""

import json
from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import leaving
from tests.factories import rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]


@pytest.fixture
def anna(reading: str) -> str:
    with rows(reading) as make:
        make.recipient("anna")
        make.address("anna", "anna@example.com")
        make.delivery("anna", state="sent", address="anna@example.com")
        make.delivery("anna", state="scheduled")
    return reading


def labels(at: AppTest) -> set[str]:
    return {each.label for each in (*at.button, *at.get("download_button"))}


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("role", "offered"),
    [("viewer", set()), ("operator", set()), ("engineer", {"Export"}),
     ("admin", {"Export", "Erase"})],
)  # fmt: skip
def test_each_role_is_offered_what_it_may(open_page: Open, role: str, offered: set[str]):
    at = open_page("recipient", role, id="anna")
    assert not at.exception
    assert labels(at) & {"Export", "Erase"} == offered


def test_an_erasure_asks_for_the_id_and_says_what_it_takes(open_page: Open, anna: str):
    at = open_page("recipient", "admin", id="anna")
    at.get_by_key("leaving_erase").click().run()
    said = "\n".join(str(each.value) for each in at.markdown)
    assert "1 waiting delivery is cancelled" in said
    assert "2 deliveries are emptied" in said
    assert at.get_by_key("leaving_now").disabled
    with rows(anna) as make:
        assert not make.connection.exec_driver_sql("SELECT 1 FROM erasures").all()


def test_only_who_may_erases_and_only_the_id_that_was_typed(anna: str, person: Make):
    with pytest.raises(NotAllowedError):
        leaving.erase(person("engineer"), "anna", "anna", "asked")
    admin = person("admin")
    for typed, reason in (("ann", "asked"), ("anna", ""), ("anna", "anna asked")):
        with pytest.raises(RefusedError):
            leaving.erase(admin, "anna", typed, reason)
    leaving.erase(admin, "anna", "anna", "asked")
    with pytest.raises(RefusedError, match="begun"):
        leaving.erase(admin, "anna", "anna", "asked")
    with rows(anna) as make:
        found = make.connection.exec_driver_sql("SELECT action, subject FROM audit").all()
    assert [(action, subject.startswith("erased-")) for action, subject in found] == [
        ("asked to erase a recipient", True)
    ]


@pytest.mark.usefixtures("anna")
def test_only_who_may_takes_a_document_along(person: Make):
    with pytest.raises(NotAllowedError):
        leaving.document(person("operator"), "anna")
    document = json.loads(leaving.document(person("engineer"), "anna"))
    assert document["profile"]["name"] == "Anna"
