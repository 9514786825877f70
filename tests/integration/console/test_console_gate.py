"""Nobody comes in who is not signed in: over real HTTP and a real websocket."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
import websockets

from dashboard.door import cookie
from models.database import SyncDatabase
from models.people import Role
from models.queries.console import people
from scheduler.commands.link import FIRST_EMAIL, sign_in_link
from tests.console_server import SECRET
from tests.factories import rows

STREAM = "/_stcore/stream"


@pytest.fixture
def link(module_url: str, console: str) -> str:
    return sign_in_link(module_url, console)


def token_of(link: str) -> str:
    return parse_qs(urlsplit(link).query)["token"][0]


def enter(console: str, token: str, **more: str) -> httpx.Response:
    return httpx.post(f"{console}/login", data={"token": token, **more})


def cookie_of(console: str, link: str) -> str:
    return f"{cookie.NAME}={enter(console, token_of(link)).cookies[cookie.NAME]}"


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


def test_opening_a_link_does_not_use_it_up(console: str, link: str):
    assert [httpx.get(link).status_code for _ in range(3)] == [200, 200, 200]
    assert enter(console, token_of(link)).status_code == 303


def test_a_link_signs_in_and_opens_the_websocket(console: str, link: str):
    answer = enter(console, token_of(link), next="/deliveries?state=Sent")

    assert answer.headers["location"] == "/deliveries?state=Sent"
    given = answer.headers["set-cookie"].lower()
    assert "httponly" in given
    assert "samesite=lax" in given
    signed_in = f"{cookie.NAME}={answer.cookies[cookie.NAME]}"
    assert httpx.get(console, headers={"Cookie": signed_in}).status_code == 200
    assert knock(console, Cookie=signed_in) == 101


def test_a_link_works_once(console: str, link: str):
    enter(console, token_of(link))
    again = enter(console, token_of(link))

    assert again.status_code == 403
    assert "used already" in again.text
    assert "tidings console-link" in again.text
    assert cookie.NAME not in again.cookies
    assert "used already" in httpx.get(link).text


def test_of_two_who_come_at_once_one_is_let_in(console: str, link: str):
    async def both() -> list[int]:
        async with httpx.AsyncClient() as client:
            token = {"token": token_of(link)}
            asked = (client.post(f"{console}/login", data=token) for _ in range(2))
            return [answer.status_code for answer in await asyncio.gather(*asked)]

    assert sorted(asyncio.run(both())) == [303, 403]


def test_an_expired_link_says_so(console: str, module_url: str):
    sign_in_link(module_url, console)
    database = SyncDatabase.connect(module_url, "tests")
    with database.begin() as tx:
        admin = tx.run(people.person_by_email(FIRST_EMAIL))
        assert admin
        past = database.now() - timedelta(seconds=1)
        tx.run(people.issue_link(admin.person, "an expired token", past))
    database.close()

    answer = enter(console, "an expired token")

    assert answer.status_code == 403
    assert "has expired" in answer.text


def test_a_made_up_link_is_not_known(console: str):
    assert "not known" in enter(console, "made up").text
    assert enter(console, "").status_code == 403


def test_a_link_leads_nowhere_else(console: str, link: str):
    answer = enter(console, token_of(link), next="https://evil.example/")

    assert answer.headers["location"] == "/"


def test_identity_headers_from_outside_are_not_believed(console: str, module_url: str):
    with rows(module_url) as make:
        person = make.person("spoofed@example.com", Role.ADMIN)

    assert knock(console, **{"X-Tidings-Person": str(person)}) == 403


def test_a_cookie_of_another_key_is_refused(console: str, module_url: str):
    with rows(module_url) as make:
        person = make.person("forged@example.com", Role.ADMIN)

    forged = f"{cookie.NAME}={cookie.make(person, b'x' * 32)}"
    assert knock(console, Cookie=forged) == 403
    right = f"{cookie.NAME}={cookie.make(person, SECRET.encode())}"
    assert knock(console, Cookie=right) == 101


def test_a_foreign_site_cannot_open_the_websocket(console: str, link: str):
    signed_in = cookie_of(console, link)

    assert knock(console, Cookie=signed_in, Origin="https://evil.example") == 403


def test_a_closed_person_is_out_at_once(console: str, module_url: str):
    with rows(module_url) as make:
        person = make.person("leaver@example.com", Role.VIEWER)
    signed_in = f"{cookie.NAME}={cookie.make(person, SECRET.encode())}"
    assert knock(console, Cookie=signed_in) == 101

    database = SyncDatabase.connect(module_url, "tests")
    with database.begin() as tx:
        tx.run(people.set_active(person, active=False))
    database.close()

    assert knock(console, Cookie=signed_in) == 403
    assert httpx.get(console, headers={"Cookie": signed_in}).status_code == 303


def test_only_a_post_signs_out(console: str, link: str):
    headers = {"Cookie": cookie_of(console, link)}

    assert "set-cookie" not in httpx.get(f"{console}/logout", headers=headers).headers
    left = httpx.post(f"{console}/logout", headers=headers)
    assert left.headers["location"] == "/login"
    assert f'{cookie.NAME}=""' in left.headers["set-cookie"]


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


def test_a_token_is_not_kept(module_url: str, link: str):
    with psycopg.connect(module_url) as connection:
        kept = connection.execute("SELECT token_hash FROM sign_ins").fetchall()

    assert (people.hash_of(token_of(link)),) in kept
    assert all(token_of(link).encode() not in hash_ for (hash_,) in kept)
