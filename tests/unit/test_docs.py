"""What is written down is what is there."""

import re
from functools import cache
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from dashboard.access import GRANTS, IN_TEAMS, SEEING, Permission
from dashboard.door.settings import DoorSettings
from delivery.classes import CLASSES, Gate, how
from delivery.policies import DUE, PLANNED
from delivery.publishing.judging import all_checks
from delivery.registry import all_channels, all_providers
from delivery.settings import DeliverySettings
from models.people import Role
from models.queries.configuring.keys import Scope
from models.reasons import Exclusion, Failure, Hold, Rejection, Skip, Withdrawal
from models.records import Class
from models.settings import DatabaseSettings
from models.states import (
    CAMPAIGN_MOVES,
    DELIVERY_MOVES,
    EVENT_MOVES,
    CampaignState,
    DeliveryState,
    EventState,
)
from scheduler.settings import BounceSettings, WorkerSettings

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*(ROOT / "docs").glob("**/*.md"), *ROOT.glob("*.md")])
SETTINGS: tuple[type[BaseSettings], ...] = (
    DatabaseSettings, DeliverySettings, WorkerSettings, BounceSettings, DoorSettings,
)  # fmt: skip
OF_TESTS = {"TIDINGS_TEST_DATABASE_URLS", "TIDINGS_NO_BROWSER"}


@cache
def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def diagrams() -> list[set[tuple[str, str]]]:
    """The arrows of each state diagram of the lifecycle."""
    drawn = re.findall(r"```mermaid\n(.*?)```", page("lifecycle.md"), re.DOTALL)
    return [set(re.findall(r"^\s+(\S+) --> (\S+)$", diagram, re.MULTILINE)) for diagram in drawn]


def test_every_check_of_the_publish_gate_is_described():
    described = re.findall(
        r"(?m)^\| `([a-z-]+)` \| .* \| (?:error|warning) \|$", page("authoring.md")
    )
    assert sorted(described) == sorted(all_checks())


def test_the_lifecycle_draws_the_machines_there_are():
    machines = (EVENT_MOVES, DELIVERY_MOVES, CAMPAIGN_MOVES)
    for drawn, moves in zip(diagrams(), machines, strict=True):
        real = {(before, after) for before, afters in moves.items() for after in afters}
        assert {arrow for arrow in drawn if arrow[0] != "[*]"} == real


def rows(code: str) -> list[list[str]]:
    """The table rows of the lifecycle that begin with this code."""
    lines = [line for line in page("lifecycle.md").splitlines() if line.startswith(f"| `{code}` |")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("state", [*DeliveryState, *EventState, *CampaignState])
def test_every_state_says_what_it_means_and_who_moves_it_there(state: str):
    assert any(len(row) == 3 and row[1] and row[2] for row in rows(state))


@pytest.mark.parametrize("reason", [*Rejection, *Skip, *Hold, *Failure, *Withdrawal])
def test_every_reason_is_told_with_its_own_sentence(reason: Skip):
    assert reason.sentence in {row[-1] for row in rows(reason)}


@pytest.mark.parametrize("why", Exclusion)
def test_why_somebody_is_left_out_of_a_campaign_is_told(why: Exclusion):
    assert f"| `{why}` | {why.sentence} |" in page("campaigns.md")


def test_no_reason_is_told_that_is_none():
    known = {
        *DeliveryState,
        *EventState,
        *CampaignState,
        *Rejection,
        *Skip,
        *Hold,
        *Failure,
        *Withdrawal,
    }
    known |= {name for name, _ in (*PLANNED, *DUE)} | {"attempt", "tries", "crashes"}
    assert set(re.findall(r"^\| `(\w+)` \|", page("lifecycle.md"), re.MULTILINE)) <= known


def test_the_policies_are_told_in_the_order_in_which_they_are_asked():
    names = [name for name, _ in (*PLANNED, *DUE)]
    table = page("lifecycle.md").partition("| policy | rule |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == names


def test_the_table_of_classes_is_the_one_in_use():
    table = page("lifecycle.md").partition("### What each class may pass by")[2]
    told = re.findall(r"^\| (.+) \|$", table.partition("###")[0], re.MULTILINE)[2:]
    real = [
        " | ".join([gate.sentence, *(how(klass, gate).sentence for klass in Class)])
        for gate in Gate
    ]
    unreadable = [CLASSES[klass].unreadable.sentence for klass in Class]
    real.append(" | ".join(["configuration or switches that cannot be read", *unreadable]))
    assert told == real


@pytest.mark.parametrize("name", [*all_channels(), *all_providers()])
def test_every_channel_and_provider_is_named(name: str):
    assert any(f"`{name}`" in path.read_text() for path in PAGES)


def test_the_table_of_permissions_is_the_one_in_use():
    table = page("people.md").partition("## What each role may")[2].partition("\n## ")[0]
    told = {
        cells[0].split("`")[1]: cells[1:]
        for line in re.findall(r"^\| (`.+) \|$", table, re.MULTILINE)
        if (cells := [cell.strip() for cell in line.split("|")])
    }
    assert f"| may | {' | '.join(Role)} | in a team |" in table
    assert told == {
        permission.value: [
            *("yes" if permission in GRANTS[role] else "" for role in Role),
            "sees" if permission in SEEING else "yes" if permission in IN_TEAMS else "",
        ]
        for permission in Permission
    }


@pytest.mark.parametrize("role", Role)
def test_every_role_says_whom_it_is_for(role: Role):
    assert re.search(rf"^\| {role} \| \S", page("people.md"), re.MULTILINE)


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_of_a_key_is_told(scope: Scope):
    said = scope.sentence.rstrip(".")
    assert f"| `{scope}` | {said[0].lower()}{said[1:]} |" in page("people.md")


def names(settings: type[BaseSettings]) -> set[str]:
    return {f"TIDINGS_{name.upper()}" for name in settings.model_fields}


@pytest.mark.parametrize("settings", SETTINGS)
def test_every_setting_has_its_line_for_operators(settings: type[BaseSettings]):
    told = set(re.findall(r"^\| `(TIDINGS_\w+)` \|", page("operations.md"), re.MULTILINE))
    assert names(settings) - told == set()


def test_no_setting_is_told_that_there_is_not():
    there_are = set().union(*map(names, SETTINGS)) | OF_TESTS
    for path in PAGES:
        told = set(re.findall(r"\bTIDINGS_[A-Z_]*[A-Z]\b", path.read_text()))
        assert told <= there_are | {"TIDINGS_API_KEY"}, path.name


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path):
    for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text()):
        if "://" not in link and not link.startswith("mailto:"):
            assert (path.parent / link).exists(), link
