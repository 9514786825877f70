"""Every page, at a desk in the light and on a phone in the dark: nothing serious by the rules of
axe-core, nothing asked from outside, and nothing wider than the screen.
"""

import pkgutil
from collections.abc import Iterator, Sequence
from importlib import import_module

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard import views
from tests.browser.console.conftest import DESK, PHONE, Watched
from tests.browser.console.test_console import idle, settled, turn_to

KEYS = [
    import_module(f"dashboard.views.{found.name}").PAGE.key
    for found in pkgutil.iter_modules(views.__path__)
]
OPENED = {
    "recipient": "?id=anna",
    "topics": "?topic=board.shared",
    "templates": "?template=board-shared",
}
"""What a page shows most of."""
NAMELESS = 'g[role="graphics-symbol"]:not([aria-label])'
MENDED = '[data-testid="stSidebarNavItems"][role="group"]'
GRAVE = {"serious", "critical"}
MISTAKEN = {"scrollable-region-focusable": "cm-scroller"}
"""Rules, and where they are wrong: what scrolls in the editor is `contenteditable`, so the focus
can go there; axe-core looks for a tabindex alone.
"""


LOOKS = "color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"
"""Rules that colours and the room decide: the rest is the same on a phone in the dark."""


@pytest.fixture(scope="module")
def arrived(signed_in: Watched) -> Watched:
    settled(signed_in.page, "/")
    return signed_in


@pytest.fixture
def walked(arrived: Watched) -> Iterator[Watched]:
    """The page that the test before left; nothing complains here and asks outside."""
    arrived.outside.clear()
    arrived.complaints.clear()
    yield arrived
    assert arrived.outside == []
    assert arrived.complaints == []


@pytest.mark.parametrize("key", KEYS)
def test_no_page_has_a_serious_finding(walked: Watched, key: str):
    page = walked.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    turn_to(page, "/" if key == "overview" else f"/{key}{OPENED.get(key, '')}")
    page.wait_for_selector(MENDED, state="attached")
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("html")).to_have_js_property("scrollWidth", DESK["width"])
    in_the_light = grave(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    idle(page)
    expect(page.locator("html")).to_have_js_property("scrollWidth", PHONE["width"])

    assert in_the_light == []
    assert grave(page, LOOKS) == []


def grave(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What keeps some people from using the page, and where; by these rules, else by all."""
    page.wait_for_function(f"() => !document.querySelector(`{NAMELESS}`)")
    asked = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    found = Axe().run(page, options=asked).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
        if MISTAKEN.get(each["id"], "no exception") not in node["html"]
    ]
