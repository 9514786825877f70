"""A console in a process of its own, and its pages without a server."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from uuid import UUID

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard import data, settings
from dashboard.files import HERE
from models.queries.console.people import hash_of
from tests.console_server import SECRET, serving
from tests.databases import Postgres, Template
from tests.factories import Made, rows
from tests.scenes.day import play

Open = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _installed() -> Iterator[None]:
    """What is installed brings no components, whichever page is opened: look once, not each time.

    It takes Streamlit five times as long as to run a page.
    """
    with pytest.MonkeyPatch.context() as patch:
        found = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture(scope="module")
def module_url(postgres: Postgres, template: Template | None) -> Iterator[str]:
    """A migrated database for all tests of a module."""
    if template is None:
        pytest.skip("the console's server is tested where databases can be copied")
    url = postgres.lend(template)
    yield url
    postgres.take_back(url, template)


@pytest.fixture(scope="module")
def console(module_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a console on the module's database."""
    with serving(module_url, tmp_path_factory.mktemp("elsewhere")) as base:
        yield base


@contextmanager
def reading_from(url: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIDINGS_DATABASE_URL", url)
        environment.setenv("TIDINGS_SECRET_KEY", SECRET)
        _forget()
        yield url
        data.database().close()
        _forget()


def _forget() -> None:
    for remembered in (
        data.database,
        settings.database_url,
        settings.secret,
        settings.delivery,
        settings.door,
    ):
        remembered.cache_clear()
    st.cache_data.clear()


@pytest.fixture
def reading(database_url: str) -> Iterator[str]:
    """The console's reads and actions, in this process, on the test's own database."""
    with reading_from(database_url) as url:
        yield url


@pytest.fixture(scope="module")
def day(module_url: str) -> Iterator[Made]:
    """The same on a played day, shared by the tests of a module; the mail that has everything."""
    with reading_from(module_url):
        yield play(module_url)


@pytest.fixture
def person() -> Callable[..., UUID]:
    """Makes somebody with these roles, in the database that is read."""

    def make(*roles: str, active: bool = True) -> UUID:
        with rows(settings.database_url()) as row:
            email = f"{'-'.join(roles)}-{row.uuid()}@example.com"
            return row.person(email, *roles, active=active)

    return make


@pytest.fixture
def open_page(person: Callable[..., UUID]) -> Open:
    """Opens a page as somebody with a role: `open_page("deliveries", "viewer", state="Sent")`."""

    def opened(page: str = "", role: str = "admin", **query: str | list[str]) -> AppTest:
        at = AppTest.from_file(str(HERE / "console.py"), default_timeout=60)
        at.user = user(person(role) if role else person())
        return turn_to(at, page, **query)

    return opened


def user(person: UUID) -> dict[str, str]:
    """What the gate tells the pages of somebody who has just signed in."""
    with rows(settings.database_url()) as row:
        return {"person": str(person), "session": hash_of(row.session(person)).hex()}


def turn_to(at: AppTest, page: str, **query: str | list[str]) -> AppTest:
    """Goes to another page, as a link does."""
    at.query_params.clear()
    for name, value in query.items():
        at.query_params[name] = value
    at._page_hash = calc_hash(page)
    return at.run()
