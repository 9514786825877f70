"""What needs approval, by how many, and who says so."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from dashboard import data
from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import deciding, ruling, switching
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.enacting import enact
from delivery.approving import BUILT_IN
from delivery.rulebook.writing import as_toml
from models.records import ApprovalKind, Ask, Decision
from models.states import ApprovalState
from tests.approvals import LATER, NIGHTS, STRICT, ask_for, audit, one, strict, use

Make = Callable[..., UUID]
APPROVE = Decision.APPROVED

pytestmark = pytest.mark.usefixtures("reading")


def test_alone_one_goes_on_and_the_audit_says_so(person: Make):
    admin = person("admin")
    ruling.publish(admin, NIGHTS, "sleep", 0)
    assert audit() == [
        ("approved by nobody", "rules installation"),
        ("published rules", "version 1"),
    ]
    with pytest.raises(RefusedError, match="go ahead"):
        ruling.RULES.ask(admin, LATER, "later", 1)


def test_some_things_wait_for_two(person: Make):
    admin, first, second = person("admin"), person("approver"), person("approver")
    ask = Ask(ApprovalKind.CAMPAIGN, "spring", {"audience": "all"}, 2_000_000)
    asked = ask_for(admin, ask)
    assert deciding.decide(first, asked, APPROVE, "") is ApprovalState.WAITING
    with pytest.raises(RefusedError, match="already"):
        deciding.decide(first, asked, APPROVE, "")
    with pytest.raises(ApprovalNeededError):
        use(admin, ask)
    assert deciding.decide(second, asked, APPROVE, "") is ApprovalState.APPROVED
    use(admin, ask)


def test_what_grew_since_waits_for_more(person: Make):
    admin, first, _ = person("admin"), person("approver"), person("approver")
    small = Ask(ApprovalKind.CAMPAIGN, "spring", {"audience": "all"}, 20_000)
    deciding.decide(first, ask_for(admin, small), APPROVE, "")
    grown = Ask(ApprovalKind.CAMPAIGN, "spring", {"audience": "all"}, 2_000_000)
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        use(admin, grown)


def test_switches_wait_where_thresholds_say_so(person: Make):
    admin = person("admin")
    strict(admin)
    operator, approver = person("operator"), person("approver")
    with pytest.raises(ApprovalNeededError):
        switching.set_(operator, "all", "trouble")
    asked = switching.ask_to_set(operator, "all", "trouble")
    deciding.decide(approver, asked, APPROVE, "")
    enact(operator, one(asked))
    with pytest.raises(ApprovalNeededError):
        switching.lift(operator, "all")
    lifting = switching.ask_to_lift(operator, "all", "over")
    deciding.decide(approver, lifting, APPROVE, "")
    enact(operator, one(lifting))
    assert data.traffic().switches == ()
    with pytest.raises(ApprovalNeededError):
        switching.set_(operator, "all", "trouble")


def test_a_switch_that_was_set_anew_is_not_lifted_by_the_approval_before(person: Make):
    admin, approver = person("admin"), person("approver")
    switching.set_(admin, "all", "trouble")
    deciding.decide(approver, ruling.THRESHOLDS.ask(admin, as_toml(STRICT), "x", 0), APPROVE, "")
    ruling.THRESHOLDS.publish(admin, as_toml(STRICT), "x", 0)
    lifting = switching.ask_to_lift(admin, "all", "over")
    deciding.decide(approver, lifting, APPROVE, "")
    setting = switching.ask_to_set(admin, "all", "worse trouble")
    deciding.decide(approver, setting, APPROVE, "")
    enact(admin, one(setting))
    with pytest.raises(ApprovalNeededError):
        enact(admin, one(lifting))


def test_thresholds_nobody_can_read_let_nothing_pass(person: Make, reading: str):
    admin = person("admin")
    with psycopg.connect(reading, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO approval_thresholds VALUES (1, '{\"lasts\": 5}', 'x', now(), 'x')"
        )
    with pytest.raises(RefusedError, match="cannot be read"):
        ruling.publish(admin, NIGHTS, "sleep", 0)


@pytest.mark.parametrize("role", ["viewer", "author", "approver", "operator", "engineer"])
def test_only_admins_say_what_needs_approval(person: Make, role: str):
    with pytest.raises(NotAllowedError):
        ruling.THRESHOLDS.publish(person(role), as_toml(BUILT_IN), "x", 0)
