"""The page of sending domains: what it shows, who may do what, and what is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from dashboard import access, data
from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import signing
from dashboard.components import attention
from dashboard.showing.figures import Signs
from dashboard.showing.spans import Span
from delivery.domains.history import Kept, write
from delivery.domains.inquiries import Check, Condition, Verdict
from models import signing as tables
from models.people import Role
from models.records import Algorithm, DomainCheck
from tests.factories import rows

Open = Callable[..., AppTest]
Make = Callable[..., UUID]
D = "example.com"
RSA = (Algorithm.RSA,)
SPF = Verdict(Check.SPF, D, Condition.WRONG, "+all lets everybody send", "end it with ~all")
MX = Verdict(Check.MX, D, Condition.GOOD, "bounces go to ![x](https://evil.example/x.png)")
OLD = Verdict(Check.ROTATION, "t1", Condition.ADVICE, "it has signed for more than a year", "do")


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption", "code")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


def fill(url: str) -> None:
    with rows(url) as make:
        now = make.now
        make.add(tables.SendingDomain, domain=D, added_at=now, retired_at=None)
        ages: dict[str, dict[str, Any]] = {
            "waits": {}, "signs": {"signs_since": now},
            "leaves": {"signs_since": now, "ended_at": now},
            "goes": {"signs_since": now, "ended_at": now - timedelta(days=8)},
        }  # fmt: skip
        for name, values in ages.items():
            make.add(
                tables.SigningKey, domain=D, selector=name, algorithm="rsa", public_key="MIIB",
                made_at=now - timedelta(days=400), sealed=b"hush", **values,
            )  # fmt: skip
        kept = [Kept(verdict, now, verdict.condition) for verdict in (SPF, MX)]
        make.add(
            tables.DomainCheck, domain=D, due_at=now + timedelta(days=1), checked_at=now,
            verdicts=write(kept),
        )  # fmt: skip


def test_shows_checks_keys_and_records_and_no_secret(reading: str, open_page: Open):
    fill(reading)
    at = open_page("domains", "viewer")
    assert not at.exception
    said = told(at)
    for expected in (
        "1 wrong", "SPF", "Wrong", "+all lets everybody send", "→ End it with ~all", "Good",
        "Waits for DNS", "Signs", "Leave in DNS", "Remove from DNS", "older than a year",
        "v=DKIM1; k=rsa; p=MIIB", f"signs._domainkey.{D}", "Last checked",
    ):  # fmt: skip
        assert expected in said, expected
    assert "hush" not in said
    assert all(report.keys[0].sealed is None for report in signing.reports())
    assert [button.label for button in at.button] == [], "a viewer changes nothing"


def test_what_dns_says_is_text_and_nothing_else(reading: str, open_page: Open):
    fill(reading)
    at = open_page("domains", "viewer")
    assert not any("](https" in str(each.value) for each in at.markdown)


def test_an_operator_rotates_with_a_reason(reading: str, open_page: Open, person: Make):
    fill(reading)
    with rows(reading) as make:
        make.connection.execute(text("DELETE FROM signing_keys WHERE selector = 'waits'"))
    operator = person("operator")
    signing.rotate(operator, D, RSA, " it may have leaked ")
    (report,) = signing.reports()
    (new,) = [key for key in report.keys if key.signs_since is None]
    assert new.selector.startswith("t20")
    with pytest.raises(RefusedError, match="waits for its record already"):
        signing.rotate(operator, D, RSA, "again")
    at = open_page("domains", "operator")
    assert {button.label for button in at.button} >= {
        "Add a domain", "Check again", "Rotate", "Retire", "Let it sign unseen",
    }  # fmt: skip
    (entry,) = data.audit()
    assert entry.action == "made a signing key"
    assert (entry.detail, entry.why) == ({"algorithm": "rsa"}, "it may have leaked")


@pytest.mark.usefixtures("reading")
def test_a_domain_is_added_let_sign_and_retired(person: Make):
    engineer = person("engineer")
    signing.add(engineer, " Bücher.example ", tuple(Algorithm))
    with pytest.raises(RefusedError, match="there already"):
        signing.add(engineer, "bücher.example", RSA)
    (report,) = signing.reports()
    assert report.name == "xn--bcher-kva.example"
    first = report.keys[0]
    signing.let_sign(engineer, report.name, first.selector, "split DNS")
    with pytest.raises(RefusedError, match="faster"):
        signing.let_sign(engineer, report.name, first.selector, "again")
    signing.retire(engineer, report.name, "moved")
    with pytest.raises(RefusedError, match="retired"):
        signing.retire(engineer, report.name, "moved")
    with pytest.raises(RefusedError, match="retired"):
        signing.rotate(engineer, report.name, RSA, "x")
    # Entries of one moment stand in no order.
    assert sorted(entry.action for entry in data.audit()) == [
        "added a sending domain", "let a key sign unseen", "made a signing key",
        "made a signing key", "retired a sending domain",
    ]  # fmt: skip


@pytest.mark.usefixtures("reading")
def test_nobody_else_may_and_nothing_goes_without_a_reason(person: Make):
    allowed = {role for role in Role if Permission.SIGN_MAIL in access.permissions([role])}
    assert allowed == {Role.OPERATOR, Role.ENGINEER, Role.ADMIN}
    viewer, operator = person("viewer"), person("operator")
    for act in (
        lambda: signing.add(viewer, D, RSA),
        lambda: signing.rotate(viewer, D, RSA, "x"),
        lambda: signing.let_sign(viewer, D, "t1", "x"),
        lambda: signing.retire(viewer, D, "x"),
        lambda: signing.look_again(viewer, D),
    ):
        with pytest.raises(NotAllowedError):
            act()
    for act in (
        lambda: signing.rotate(operator, D, RSA, " "),
        lambda: signing.let_sign(operator, D, "t1", ""),
        lambda: signing.retire(operator, D, ""),
    ):
        with pytest.raises(RefusedError, match="Give a reason"):
            act()
    for name in ("", "localhost", "a_b.example", "x" * 300):
        with pytest.raises(RefusedError, match="write it like"):
            signing.add(operator, name, RSA)
    assert data.audit() == []


def test_a_look_is_asked_for_and_waited_for(reading: str, open_page: Open, person: Make):
    fill(reading)
    at = open_page("domains", "operator")
    next(button for button in at.button if button.label == "Check again").click().run()
    assert not at.exception
    assert at.get("progress"), "a worker has not looked yet"
    asked = signing.look_again(person("operator"), D)
    with rows(reading) as make:
        (due,) = make.connection.execute(text("SELECT due_at FROM domain_checks")).one()
        assert due <= asked
        make.connection.execute(text("UPDATE domain_checks SET checked_at = clock_timestamp()"))
    at.run()
    assert not at.get("progress")


def test_the_overview_names_what_is_wrong_and_what_is_old(reading: str):
    at = data.now()
    del reading

    def lines(*verdicts: Verdict) -> list[tuple[str, str]]:
        kept = write([Kept(verdict, at, None) for verdict in verdicts])
        signs = Signs(at, (), (), (DomainCheck(D, at, at, tuple(kept)),))
        found = attention.lines(Span.HOUR, data.counted(Span.HOUR), signs)
        return [(line.what, line.then) for line in found if line.target == "domains"]

    assert lines(SPF, MX, OLD) == [(f"{D}: SPF is wrong", "+all lets everybody send")]
    assert lines(OLD) == [(f"{D}: rotate its key", OLD.finding)]
    assert lines(MX) == []
