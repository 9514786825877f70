"""The page of accounts and kill switches, and what operators do there."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import switching
from models import accounts, catalog
from tests.factories import rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]


def fill(url: str) -> None:
    """Two accounts, one in trouble; a slowed destination; a new domain."""
    with rows(url) as make:
        for key, priority in (("main", 5), ("spare", 0)):
            make.add(
                catalog.ProviderAccount, account=key, provider="smtp", channel="email", weight=1,
                url=f"smtp://ada:hush@{key}.example.com", priority=priority, enabled=True,
                updated_at=make.now,
            )  # fmt: skip
        make.add(
            catalog.ProviderAccount, account="ancient", provider="smtp", channel="email", weight=1,
            url="smtp://ancient.example.com", priority=9, enabled=False, updated_at=make.now,
        )  # fmt: skip
        make.add(
            accounts.Breaker, account="main", state="open", failures=5, openings=1,
            changed_at=make.now, retry_at=make.now + timedelta(seconds=9),
            last_error="greeting: 554 closed", last_error_at=make.now,
        )  # fmt: skip
        make.add(
            accounts.Pace, account="spare", destination="google", next_at=make.now,
            per_minute=75, slowed_at=make.now, last_error="450 4.7.28 too fast",
        )  # fmt: skip
        make.add(accounts.AccountLimit, account="spare", destination="all", per_minute=900)


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


def test_shows_how_accounts_fare_and_never_a_secret(reading: str, open_page: Open):
    fill(reading)
    at = open_page("providers", "viewer")

    said = told(at)
    for expected in (
        "Rests", "greeting: 554 closed", "At most 900 a minute to all", "75 a minute to google",
        "main.example.com", "Nothing is stopped.",
    ):  # fmt: skip
        assert expected in said
    assert "hush" not in said
    order = [said.index(f"{name}.example.com") for name in ("main", "spare", "ancient")]
    assert order == sorted(order), "as they are used"
    assert [button.label for button in at.button] == [], "a viewer changes nothing"


def test_an_operator_pauses_an_account_and_lets_it_go(reading: str, open_page: Open, person: Make):
    fill(reading)
    operator = person("operator")
    switching.set_(operator, "account:main", " certificate expired ")
    assert "Paused" in told(open_page("providers", "operator"))
    switching.lift(operator, "account:main")
    at = open_page("providers", "operator")
    assert "Paused" not in told(at)
    assert {button.label for button in at.button} >= {"Stop something", "Pause"}
    entries = [(entry.action, entry.subject, entry.why) for entry in data.audit()]
    assert entries == [
        ("lifted a kill switch", "account:main", ""),
        ("set a kill switch", "account:main", "certificate expired"),
    ]


@pytest.mark.usefixtures("reading")
def test_only_operators_stop_things_and_only_with_a_reason(person: Make):
    for role in ("viewer", "author", "approver", "engineer"):
        with pytest.raises(actions.NotAllowedError):
            switching.set_(person(role), "all", "why")
    operator = person("operator")
    for name, reason, complaint in (
        ("all", " ", "Give a reason"),
        ("everything", "why", "no switch"),
        ("topic:", "why", "no switch"),
    ):
        with pytest.raises(actions.RefusedError, match=complaint):
            switching.set_(operator, name, reason)
    with pytest.raises(actions.RefusedError, match="lifted already"):
        switching.lift(operator, "all")
    assert data.audit() == []


@pytest.mark.usefixtures("reading")
def test_the_dialog_asks_what_and_why(open_page: Open):
    at = open_page("providers", "operator")
    at.button[0].click().run()
    assert not at.exception
    assert at.selectbox(key="stop_scope").options[0] == "all"
    assert at.text_input(key="stop_reason").label == "Reason"
    assert at.button(key="stop_now").label == "Stop it"
