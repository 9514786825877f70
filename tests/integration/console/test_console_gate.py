"""Nobody comes in who is not signed in: over real HTTP and a real websocket."""

import asyncio
import socket
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import websockets

from models.database import SyncDatabase
from models.people import Role
from models.queries.console import people, sessions
from scheduler.commands.link import FIRST_EMAIL, sign_in_link
from tests.console_visitor import COOKIE, ConsoleVisitor
from tests.factories import rows

STREAM = "/_stcore/stream"


@pytest.fixture
def link(module_url: str, console: str) -> str:
    return sign_in_link(module_url, console)


@pytest.fixture
def visitor(console: str) -> ConsoleVisitor:
    return ConsoleVisitor(console)


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def knock(console: str, **headers: str) -> int:
    """The HTTP status a websocket is answered with; 101 when it is let in."""

    async def open_it() -> int:
        address = console.replace("http", "ws") + STREAM
        given = {"Origin": console, **headers}
        try:
            async with websockets.connect(address, additional_headers=given):
                return 101
        except websockets.InvalidStatus as refused:
            return refused.response.status_code

    return asyncio.run(open_it())


def test_a_page_sends_strangers_to_the_sign_in_and_back(console: str):
    answer = httpx.get(f"{console}/deliveries?state=Sent")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fdeliveries%3Fstate%3DSent"


def test_streamlits_own_paths_are_refused_without_a_page(console: str):
    assert httpx.get(f"{console}/deliveries/_stcore/host-config").status_code == 401


def test_a_websocket_without_a_cookie_is_refused(console: str):
    assert knock(console) == 403


def test_opening_a_link_does_not_use_it_up(visitor: ConsoleVisitor, link: str):
    assert [visitor.http.get(link).status_code for _ in range(3)] == [200, 200, 200]
    assert visitor.use(link).status_code == 303


def test_a_link_signs_in_and_opens_the_websocket(console: str, visitor: ConsoleVisitor, link: str):
    answer = visitor.use(link, next="/deliveries?state=Sent")

    assert answer.headers["location"] == "/deliveries?state=Sent"
    given = answer.headers["set-cookie"].lower()
    assert "httponly" in given
    assert "samesite=lax" in given
    assert visitor.http.get("/").status_code == 200
    assert knock(console, Cookie=visitor.header) == 101


def test_a_link_works_once(console: str, visitor: ConsoleVisitor, link: str):
    visitor.use(link)
    other = ConsoleVisitor(console)
    other.http.get("/login")
    again = other.http.get(link)

    assert again.status_code == 403
    assert "used already" in again.text
    assert "tidings console-link" in again.text


def test_of_two_who_come_at_once_one_is_let_in(console: str, link: str):
    visitors = [ConsoleVisitor(console) for _ in range(2)]

    async def both() -> list[int]:
        asked = (asyncio.to_thread(one.use, link) for one in visitors)
        return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert sorted(asyncio.run(both())) == [303, 403]


def test_an_expired_link_says_so(console: str, module_url: str, visitor: ConsoleVisitor):
    sign_in_link(module_url, console)
    database = SyncDatabase.connect(module_url, "tests")
    with database.begin() as tx:
        admin = tx.run(people.person_by_email(FIRST_EMAIL))
        assert admin
        past = database.now() - timedelta(seconds=1)
        tx.run(people.issue_link(admin.person, "an expired token", past))
    database.close()

    answer = visitor.http.get("/login?token=an+expired+token")

    assert answer.status_code == 403
    assert "has expired" in answer.text


@pytest.mark.parametrize("token", ["made up", ""])
def test_a_made_up_link_is_not_known(visitor: ConsoleVisitor, token: str):
    assert "not known" in visitor.use(f"/login?token={token}").text


def test_a_link_leads_nowhere_else(visitor: ConsoleVisitor, link: str):
    answer = visitor.use(link, next="https://evil.example/")

    assert answer.headers["location"] == "/"


def test_identity_headers_from_outside_are_not_believed(console: str, module_url: str):
    with rows(module_url) as make:
        person = make.person("spoofed@example.com", Role.ADMIN)
        session = people.hash_of(make.session(person)).hex()

    assert knock(console, **{"X-Tidings-Person": str(person), "x-tidings-SESSION": session}) == 403


def test_only_the_token_itself_opens(console: str, module_url: str):
    with rows(module_url) as make:
        token = make.session(make.person("forged@example.com", Role.ADMIN))

    for forged in (people.hash_of(token).hex(), token[:-1], token.upper(), ""):
        assert knock(console, Cookie=f"{COOKIE}={forged}") == 403
    assert knock(console, Cookie=f"{COOKIE}={token}") == 101


@pytest.mark.parametrize("over", ["ends_at", "seen_at"])
def test_a_session_ends_by_its_age_and_by_its_rest(console: str, module_url: str, over: str):
    with rows(module_url) as make:
        past = make.now - timedelta(hours=8, seconds=1)
        token = make.session(make.person(f"{over}@example.com", Role.ADMIN), **{over: past})

    assert knock(console, Cookie=f"{COOKIE}={token}") == 403
    assert ConsoleVisitor(console, token).http.get("/").status_code == 303


def test_a_foreign_site_cannot_open_the_websocket(console: str, visitor: ConsoleVisitor, link: str):
    visitor.use(link)

    assert knock(console, Cookie=visitor.header, Origin="https://evil.example") == 403


def test_a_closed_person_is_out_at_once(console: str, module_url: str):
    with rows(module_url) as make:
        person = make.person("leaver@example.com", Role.VIEWER)
        signed_in = f"{COOKIE}={make.session(person)}"
    assert knock(console, Cookie=signed_in) == 101

    database = SyncDatabase.connect(module_url, "tests")
    with database.begin() as tx:
        tx.run(people.set_active(person, active=False))
    database.close()

    assert knock(console, Cookie=signed_in) == 403
    assert httpx.get(console, headers={"Cookie": signed_in}).status_code == 303


def test_an_open_websocket_closes_soon_after_its_session_ended(console: str, module_url: str):
    with rows(module_url) as make:
        person = make.person("watched@example.com", Role.VIEWER)
        signed_in = f"{COOKIE}={make.session(person)}"

    async def closed() -> tuple[int, str]:
        address = console.replace("http", "ws") + STREAM
        headers = {"Origin": console, "Cookie": signed_in}
        async with websockets.connect(address, additional_headers=headers) as socket_:
            database = SyncDatabase.connect(module_url, "tests")
            with database.begin() as tx:
                assert tx.run(sessions.end_sessions(person)) == 1
            database.close()
            await asyncio.wait_for(socket_.wait_closed(), 10)
            return socket_.close_code or 0, socket_.close_reason or ""

    assert asyncio.run(closed()) == (4401, "signed out")


PRIVATE = (
    "/", "/deliveries", "//login", "/login/../deliveries", "/login/%2e%2e/deliveries", "/LOGIN",
    "/loginx", "/static/../export/suppressions.csv", "/static/%2e%2e/export/suppressions.csv",
    "/app/static/..%2f..%2fexport/suppressions.csv", "/Export/suppressions.csv", "/account",
    "/_stcore/health/../host-config", "/_stcore/metrics", "/healthz/", "/login%2f", "/\\login",
)  # fmt: skip


def raw(console: str, path: str, method: str = "GET") -> str:
    """The first line of the answer to a request that no client has tidied up."""
    parts = urlsplit(console)
    with socket.create_connection((parts.hostname or "", parts.port or 80), 10) as wire:
        wire.sendall(f"{method} {path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode())
        return wire.makefile("rb").readline().decode().strip()


@pytest.mark.parametrize("path", PRIVATE)
def test_no_spelling_of_a_path_gets_round_the_gate(console: str, path: str):
    assert raw(console, path).split()[1] in {"303", "401", "400", "404", "405"}


def test_signing_out_ends_the_session_for_whoever_has_the_cookie(
    console: str, visitor: ConsoleVisitor, link: str
):
    visitor.use(link)
    stolen = visitor.header

    assert "set-cookie" not in visitor.http.get("/logout").headers
    left = visitor.fill_in("/logout", "/logout")

    assert left.headers["location"] == "/login"
    assert f'{COOKIE}=""' in left.headers["set-cookie"]
    assert knock(console, Cookie=stolen) == 403


@pytest.mark.parametrize("path", ["/", "/login", "/healthz", "/app/static/logo.svg"])
def test_every_answer_has_the_security_headers(console: str, path: str):
    headers = httpx.get(f"{console}{path}").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "unsafe-eval" not in headers["content-security-policy"]


def test_the_sign_in_page_runs_no_script_but_its_own(link: str):
    answer = httpx.get(link)

    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert "<button>Sign in</button>" in answer.text


def test_a_token_is_not_kept(module_url: str, visitor: ConsoleVisitor, link: str):
    visitor.use(link)
    with psycopg.connect(module_url) as connection:
        kept = connection.execute(
            "SELECT token_hash FROM sign_ins UNION ALL SELECT session FROM sessions"
        ).fetchall()

    for token in (token_of(link), visitor.session):
        assert (people.hash_of(token),) in kept
        assert all(token.encode() not in hash_ for (hash_,) in kept)
