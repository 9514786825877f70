"""Signing in with a password, one's account, forms from elsewhere: over real HTTP."""

import re
from collections.abc import Iterator
from contextlib import closing
from socket import create_connection
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher

from dashboard.door import cookie
from models.database import SyncDatabase
from models.people import LINK_LASTS, Role
from models.queries.console import people
from models.queries.console.people import hash_of
from tests.console_visitor import COOKIE, ConsoleVisitor
from tests.factories import rows

GOOD = "walrus tin sofa up"
BETTER = "nine quiet lamps hum"
WRONG = "walrus tin sofa down"


@pytest.fixture
def email(request: pytest.FixtureRequest) -> str:
    return f"{request.node.name.replace('[', '-').rstrip(']')}@example.com"


@pytest.fixture
def ada(console: str, module_url: str, email: str) -> Iterator[ConsoleVisitor]:
    """Somebody who came in by a link just now, and set a password."""
    with rows(module_url) as make:
        token = make.session(make.person(email, Role.VIEWER))
    one = ConsoleVisitor(console, token)
    assert one.fill_in("/account", "/account/password", new=GOOD).status_code == 303
    yield one
    with psycopg.connect(module_url) as connection:
        connection.execute("DELETE FROM sign_in_tries")


@pytest.fixture
def stranger(console: str) -> ConsoleVisitor:
    return ConsoleVisitor(console)


def audited(url: str, subject: str) -> list[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT action FROM audit WHERE subject = %s ORDER BY at", (subject,)
        )
        return [action for (action,) in found]


def counted(url: str, outcome: str) -> int:
    """Sign-ins with a password, as machines that watch read them."""
    with psycopg.connect(url) as connection:
        said = "SELECT number FROM sign_in_counts WHERE method = 'password' AND outcome = %s"
        found = connection.execute(said, (outcome,)).fetchone()
        return found[0] if found else 0


@pytest.mark.usefixtures("ada")
def test_a_password_signs_in_and_leads_back(stranger: ConsoleVisitor, email: str):
    answer = stranger.sign_in(
        f" {email.upper()} ", GOOD, "/login?next=%2Fdeliveries%3Fstate%3DSent"
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/deliveries?state=Sent")
    assert stranger.http.get("/deliveries").status_code == 200


@pytest.mark.usefixtures("ada")
def test_a_wrong_password_says_the_same_as_an_unknown_address(
    stranger: ConsoleVisitor, email: str, module_url: str
):
    before = counted(module_url, "refused")
    wrong, unknown = stranger.sign_in(email, WRONG), stranger.sign_in("nobody@example.com", WRONG)

    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert counted(module_url, "refused") == before + 2
    assert re.sub(r'value="[^"]*"', "", wrong.text) == re.sub(r'value="[^"]*"', "", unknown.text)
    assert not stranger.session


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize("known", ["known", "unknown"])
def test_after_a_few_failures_one_waits_whoever_one_says_to_be(
    console: str, module_url: str, email: str, known: str
):
    name = email if known == "known" else f"nobody-{email}"
    tries = [ConsoleVisitor(console).sign_in(name, WRONG) for _ in range(7)]

    assert [each.status_code for each in tries] == [403] * 6 + [429]
    assert 0 < int(tries[-1].headers["retry-after"]) <= 10
    assert "Too many tries" in tries[-1].text
    assert ConsoleVisitor(console).sign_in(name, GOOD).status_code == 429
    with psycopg.connect(module_url) as connection:
        kept = connection.execute("SELECT who FROM sign_in_tries").fetchall()
    assert kept
    assert all(email.encode() not in who for (who,) in kept)


def test_one_client_cannot_try_one_password_on_everybody(console: str, module_url: str):
    def one(client: str, number: int) -> int:
        visitor = ConsoleVisitor(console, **{"X-Forwarded-For": client})
        return visitor.sign_in(f"{client}-{number}@example.com", WRONG).status_code

    with psycopg.connect(module_url) as connection:  # 19 failures of an hour that begins
        connection.execute(
            "INSERT INTO sign_in_tries SELECT %s, 19, clock_timestamp(), clock_timestamp()",
            (hash_of("client 198.51.100.7/32"),),
        )

    assert [one("198.51.100.7", number) for number in range(3)] == [403, 403, 429]
    assert one("198.51.100.8", 9) == 403


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(
    ada: ConsoleVisitor, stranger: ConsoleVisitor, module_url: str, email: str
):
    stranger.sign_in(email, GOOD)
    refused = stranger.fill_in("/account", "/account/password", old=WRONG, new=BETTER)
    changed = stranger.fill_in("/account", "/account/password", old=GOOD, new=BETTER)

    assert "old password is not right" in refused.text
    assert changed.status_code == 303
    assert ada.http.get("/account").status_code == 303
    assert stranger.http.get("/account").status_code == 200
    assert ConsoleVisitor(stranger.base).sign_in(email, GOOD).status_code == 403
    assert ConsoleVisitor(stranger.base).sign_in(email, BETTER).status_code == 303
    assert audited(module_url, email).count("set their password") == 2


def test_a_new_password_ends_the_links_that_nobody_used(
    ada: ConsoleVisitor, console: str, module_url: str, email: str
):
    with closing(SyncDatabase.connect(module_url, "a test", 1)) as there, there.begin() as tx:
        person = tx.run(people.person_by_email(email))
        assert person is not None
        tx.run(people.issue_link(person.person, "intercepted", there.now() + LINK_LASTS))
    assert ada.fill_in("/account", "/account/password", new=BETTER).status_code == 303
    assert ConsoleVisitor(console).use(f"{console}/login?token=intercepted").status_code == 403


def test_an_address_that_no_database_can_hold_fits_no_password(stranger: ConsoleVisitor):
    assert stranger.sign_in("a\0@example.com", WRONG).status_code == 403


def test_a_form_in_chunks_is_too_long_whatever_length_it_tells(console: str):
    at = urlsplit(console)
    with create_connection((at.hostname, at.port), timeout=10) as wire:
        wire.sendall(
            b"POST /login HTTP/1.1\r\nHost: x\r\n"
            b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        assert wire.recv(100).split()[1] in {b"400", b"413"}, "before any of it is read"


def test_a_password_that_others_would_try_is_refused_and_the_old_one_stays(
    ada: ConsoleVisitor, stranger: ConsoleVisitor, email: str
):
    refused = ada.fill_in("/account", "/account/password", new="passwordpassword")

    assert refused.status_code == 400
    assert "one of the first that others would try" in refused.text
    assert stranger.sign_in(email, GOOD).status_code == 303


def test_a_hash_of_older_parameters_is_made_anew(
    ada: ConsoleVisitor, stranger: ConsoleVisitor, module_url: str, email: str
):
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD)
    with psycopg.connect(module_url) as connection:
        connection.execute(
            "UPDATE passwords SET hash = %s FROM people p"
            " WHERE p.person = passwords.person AND p.email = %s", (old, email),
        )  # fmt: skip

    assert stranger.sign_in(email, GOOD).status_code == 303
    with psycopg.connect(module_url) as connection:
        (kept,) = connection.execute(
            "SELECT hash FROM passwords JOIN people USING (person) WHERE email = %s", (email,)
        ).fetchone() or ("",)
    assert "m=65536,t=3,p=4" in kept
    assert ada.session


def test_one_sees_where_one_is_signed_in_and_ends_it(ada: ConsoleVisitor, console: str, email: str):
    away = ConsoleVisitor(console, **{"User-Agent": "Mozilla/5.0 (iPhone) <b>Safari/605</b>"})
    away.sign_in(email, GOOD)
    shown = ada.http.get("/account").text

    assert "Safari on iPhone" in shown
    assert "<b>" not in shown
    other = re.search(r'name="session" value="(\w+)"', shown)
    assert other
    assert ada.fill_in("/account", "/account/leave", session=other[1]).status_code == 303
    assert away.http.get("/account").status_code == 303
    assert ada.http.get("/account").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(
    ada: ConsoleVisitor, console: str, module_url: str
):
    with rows(module_url) as make:
        theirs = make.session(make.person(f"other-{make.uuid()}@example.com", Role.VIEWER))
    ConsoleVisitor(console, ada.session)
    another = ConsoleVisitor(console)
    another.http.cookies.set(COOKIE, ada.session)
    form = re.search(r'name="form" value="(\w+)"', ada.http.get("/account").text)
    assert form
    fields = {"form": form[1], "session": hash_of(theirs).hex()}

    assert ada.post("/account/leave", fields).status_code == 303
    assert ConsoleVisitor(console, theirs).http.get("/account").status_code == 200


@pytest.mark.parametrize(
    "action", ["/login", "/login/link", "/logout", "/account/password", "/account/leave",
               "/account/leave-others"],
)  # fmt: skip
def test_no_form_from_elsewhere_is_taken(
    ada: ConsoleVisitor, console: str, module_url: str, action: str
):
    with rows(module_url) as make:
        theirs = ConsoleVisitor(
            console, make.session(make.person(f"{make.uuid()}@x.org", "viewer"))
        )

    def token(who: ConsoleVisitor) -> str:
        page = "/login" if action.startswith("/login") else "/account"
        found = re.search(r'name="form" value="(\w+)"', who.http.get(page).text)
        return found[1] if found else ""

    fields = {"new": BETTER, "email": "a@example.com", "password": GOOD, "token": "x"}
    good = {**fields, "form": token(ada)}
    refused = [
        ada.post(action, fields),
        ada.post(action, {**fields, "form": token(theirs)}),
        ada.post(action, good, Origin="https://evil.example"),
        ada.post(action, good, **{"Sec-Fetch-Site": "cross-site"}),
        ada.post(action, {**good, "more": "x" * 20_000}),
    ]

    assert [each.status_code for each in refused] == [403] * 4 + [413]
    assert ada.http.get("/account").status_code == 200


@pytest.mark.usefixtures("ada")
def test_on_https_the_cookie_is_of_this_host_alone(console: str, email: str):
    visitor = ConsoleVisitor(console, **{"X-Forwarded-Proto": "https"})
    shown = visitor.http.get("/login")
    form = re.search(r'name="form" value="(\w+)"', shown.text)
    assert form
    # The client under test speaks HTTP, so it is told which secure cookie to send back.
    given = shown.headers["set-cookie"].split(";")[0]
    answer = httpx.post(
        f"{console}/login", data={"form": form[1], "email": email, "password": GOOD},
        headers={"Cookie": given, "X-Forwarded-Proto": "https"},
    )  # fmt: skip
    secure = cookie.name(secure=True)

    assert answer.headers["set-cookie"].startswith(f"{secure}=")
    assert "Secure" in answer.headers["set-cookie"]
    token = answer.cookies[secure]
    for name, status in ((secure, 200), (COOKIE, 303)):
        headers = {"Cookie": f"{name}={token}", "X-Forwarded-Proto": "https"}
        assert httpx.get(f"{console}/account", headers=headers).status_code == status
