"""Signing in with an OpenID provider: a small one of our own, over real HTTP with real keys."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.applications import Starlette

from dashboard import data, settings
from dashboard.app import SESSIONS
from dashboard.door import federated, signin
from dashboard.door.gate import Gate
from dashboard.reading import people as reading_people
from models.people import Role
from models.queries.console import people
from tests.console_visitor import COOKIE
from tests.factories import rows
from tests.oidc_provider import CLIENT, SECRET, Provider, provider

T = TypeVar("T")
EMAIL = "ada@example.com"
pytestmark = pytest.mark.usefixtures("reading")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as one:
        yield one


@pytest.fixture
def there(running: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider, honest, and a console that knows it."""
    known = {
        "CONSOLE_URL": "http://console", "OIDC_ISSUER": running.issuer, "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Example <b>",
    }  # fmt: skip
    for name, value in known.items():
        monkeypatch.setenv(f"TIDINGS_{name}", value)
    settings.door.cache_clear()
    running.claims, running.signer, running.algorithm = {}, running.key, "RS256"
    yield running
    settings.door.cache_clear()


def browsing(story: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
    """What comes of a story in one browser."""

    async def told() -> T:
        app = Gate(Starlette(routes=[*signin.ROUTES, *federated.ROUTES]), SESSIONS)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://console") as browser:
            return await story(browser)

    return asyncio.run(told())


def sign_in(there: Provider, onward: str = "/", **changed: str) -> httpx.Response:
    async def story(browser: httpx.AsyncClient) -> httpx.Response:
        away = await browser.get("/login/oidc", params={"next": onward})
        brought = {**there.consent(away.headers["location"]), **changed}
        return await browser.get("/login/oidc/back", params=brought)

    return browsing(story)


def known(*roles: str, active: bool = True) -> None:
    with rows(settings.database_url()) as make:
        make.person(EMAIL, *roles, active=active)


def roles_of(email: str) -> frozenset[str] | None:
    with data.database().begin() as tx:
        found = tx.run(people.person_by_email(email))
        return found and found.roles


def test_somebody_who_is_known_comes_in_and_goes_on_where_they_wanted(there: Provider):
    known("operator")
    answer = sign_in(there, "/deliveries?state=Sent")

    assert (answer.status_code, answer.headers["location"]) == (303, "/deliveries?state=Sent")
    session = reading_people.session_of(answer.cookies[COOKIE])
    assert session
    assert session.method == "oidc"
    assert roles_of(EMAIL) == {"operator"}


NOT_BELIEVED: list[tuple[dict[str, Any], str]] = [
    ({"nonce": "another"}, "not the answer"),
    ({"nonce": "-"}, "cannot be believed"),
    ({"aud": "another"}, "cannot be believed"),
    ({"aud": [CLIENT, "another"], "azp": "another"}, "meant for somebody else"),
    ({"iss": "https://evil.example"}, "cannot be believed"),
    ({"exp": int(time.time()) - 120}, "cannot be believed"),
    ({"exp": "-"}, "cannot be believed"),
    ({"email_verified": False}, "did not verify"),
    ({"email_verified": "true"}, "did not verify"),
    ({"email": "-"}, "did not verify"),
]


@pytest.mark.parametrize(("claims", "says"), NOT_BELIEVED)
def test_what_cannot_be_believed_lets_nobody_in(there: Provider, claims: dict[str, Any], says: str):
    known("admin")
    there.claims = claims
    answer = sign_in(there)

    assert (answer.status_code, COOKIE in answer.cookies) == (403, False)
    assert says in answer.text


@pytest.mark.parametrize("way", ["another key", "no signature", "a shared secret"])
def test_only_the_keys_of_the_provider_sign(there: Provider, way: str):
    known("admin")
    there.signer, there.algorithm = {
        "another key": (rsa.generate_private_key(public_exponent=65537, key_size=2048), "RS256"),
        "no signature": (None, "none"),
        "a shared secret": (SECRET * 2, "HS256"),
    }[way]

    assert "cannot be believed" in sign_in(there).text


@pytest.mark.parametrize("changed", [{"state": "another"}, {"state": ""}, {"code": "another"}])
def test_an_answer_to_another_request_is_none(there: Provider, changed: dict[str, str]):
    known("admin")
    answer = sign_in(there, **changed)

    assert (answer.status_code, COOKIE in answer.cookies) == (403, False)


def test_a_browser_that_did_not_ask_is_not_signed_in(there: Provider):
    known("admin")

    async def story(browser: httpx.AsyncClient) -> httpx.Response:
        away = await browser.get("/login/oidc")
        brought = there.consent(away.headers["location"])
        browser.cookies.clear()
        return await browser.get("/login/oidc/back", params=brought)

    assert "did not ask" in browsing(story).text


def test_who_is_not_there_comes_in_only_where_a_setting_says_so(
    there: Provider, monkeypatch: pytest.MonkeyPatch
):
    refused = sign_in(there)
    monkeypatch.setenv("TIDINGS_OIDC_ADDS_PEOPLE", "true")
    settings.door.cache_clear()

    assert refused.status_code == 403
    assert "no access" in refused.text
    assert sign_in(there).status_code == 303
    assert roles_of(EMAIL) == {"viewer"}


def test_a_closed_person_stays_out(there: Provider):
    known("admin", active=False)

    assert "no access" in sign_in(there).text


def test_groups_give_roles_but_never_take_the_last_admin(
    there: Provider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TIDINGS_OIDC_ROLES", "ops=operator, staff = engineer,root=admin")
    settings.door.cache_clear()
    known("admin")
    there.claims = {"groups": ["ops", "staff", "unknown"]}

    assert "nobody who manages people" in sign_in(there).text
    assert roles_of(EMAIL) == {"admin"}
    with rows(settings.database_url()) as make:
        make.person("root@example.com", Role.ADMIN)
    assert sign_in(there).status_code == 303
    assert roles_of(EMAIL) == {"operator", "engineer"}


def test_the_sign_in_page_offers_the_provider(there: Provider):
    async def story(browser: httpx.AsyncClient) -> str:
        return (await browser.get("/login", params={"next": "/held"})).text

    shown = browsing(story)
    assert there.issuer not in shown
    assert 'href="/login/oidc?next=%2Fheld">Continue with Example &lt;b&gt;' in shown


def test_a_provider_that_is_away_or_another_signs_nobody_in(
    there: Provider, monkeypatch: pytest.MonkeyPatch
):
    for issuer, says in ((f"{there.issuer}/", "is another"), ("http://127.0.0.1:9", "not answer")):
        monkeypatch.setenv("TIDINGS_OIDC_ISSUER", issuer)
        settings.door.cache_clear()

        async def story(browser: httpx.AsyncClient) -> str:
            return (await browser.get("/login/oidc")).text

        assert says in browsing(story)
