"""A console with a played day behind it, and a browser that tells on what it should not do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from sqlalchemy import update

from models.access import Person
from scheduler.commands.link import sign_in_link
from tests.console_server import serving
from tests.console_visitor import COOKIE
from tests.databases import Postgres, Template
from tests.factories import Made, rows
from tests.scenes.day import play

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 60_000
"""Milliseconds until a test gives up waiting for the page."""
expect.set_options(timeout=PATIENCE)
NOISE = (
    "Infinite extent for field",  # Vega, before its data is there
    "Log scale domain includes zero",  # the same
    "status of 404",  # Streamlit looks for its base path below each page
)


@pytest.fixture(scope="session")
def played(postgres: Postgres, template: Template | None) -> Iterator[tuple[str, Made]]:
    """A database with a played day, and the mail of it that has everything."""
    if template is None:
        pytest.skip("the console is tested where databases can be copied")
    url = postgres.lend(template)
    day = play(url)
    with rows(url) as make:
        # Filters are read once a minute: what tests choose must be there from the start.
        make.moves("bounced", 3, timedelta(hours=1), destination="proton", reason="mailbox_full")
    yield url, day
    postgres.take_back(url, template)


@pytest.fixture(scope="session")
def console(played: tuple[str, Made], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the console."""
    with serving(played[0], tmp_path_factory.mktemp("elsewhere")) as base:
        yield base


@pytest.fixture(scope="module")  # its event loop would be in the way of every later test
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture
def link(console: str, played: tuple[str, Made]) -> str:
    """A fresh sign-in link."""
    return sign_in_link(played[0], console)


class Watched:
    """A browser context whose every request and complaint is kept."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self._inside = (base, base.replace("http", "ws"), "data:", "blob:", "about:")
        self._context = context
        context.set_default_timeout(PATIENCE)
        context.on("request", lambda request: self._requested(request.url))
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = context.new_page()

    def turn_over(self) -> None:
        """A new page, and nothing heard of it."""
        self.page.close()
        self.outside.clear()
        self.complaints.clear()
        self.page = self._context.new_page()

    def _requested(self, url: str) -> None:
        if not url.startswith(self._inside):
            self.outside.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(n in message.text for n in NOISE):
            self.complaints.append(message.text)


@pytest.fixture(scope="module")
def signed_in(browser: Browser, console: str, played: tuple[str, Made]) -> Iterator[Watched]:
    """One context for a module: its cache spares each test the megabytes of scripts."""
    context = browser.new_context(base_url=console, viewport=DESK)
    watch = Watched(context, console)
    watch.page.goto(sign_in_link(played[0], console))
    watch.page.wait_for_url(f"{console}/")
    yield watch
    context.close()


@pytest.fixture
def watched(signed_in: Watched) -> Iterator[Watched]:
    """Signed in; afterwards nothing was asked from outside and nothing complained."""
    signed_in.turn_over()
    yield signed_in
    assert signed_in.outside == []
    assert signed_in.complaints == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


@pytest.fixture
def colleague(
    browser: Browser, console: str, played: tuple[str, Made], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page of somebody with the roles that the test names, signed in beside the admin."""
    with rows(played[0]) as make:
        who = make.person(
            f"{request.node.originalname}@example.com", *request.param, name="Otto Ray"
        )
        session = make.session(who)
    context = browser.new_context(base_url=console, viewport=DESK)
    context.set_default_timeout(PATIENCE)
    context.add_cookies([{"name": COOKIE, "value": session, "url": console}])
    yield context.new_page()
    context.close()
    with rows(played[0]) as make:  # who may approve makes others wait for them
        make.connection.execute(update(Person).where(Person.person == who).values(active=False))
