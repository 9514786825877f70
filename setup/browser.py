"""Finds a Chromium for the browser tests, and installs one where there is none.

    .venv/bin/python setup/browser.py            install one unless there is one
    .venv/bin/python setup/browser.py --find     print where it is, or fail

Asked in this order: the machine, its package manager (as root or with a passwordless sudo),
Playwright. `TIDINGS_NO_BROWSER=1` goes without; the browser tests then say that they were skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APT = ["apt-get", "-qq", "-o", "Acquire::Retries=3"]
RECIPES: dict[str, list[list[str]]] = {
    "apt-get": [
        [*APT, "update"],
        [*APT, "install", "-y", "--no-install-recommends", "chromium", "fonts-liberation"],
    ],
    "dnf": [["dnf", "install", "-y", "-q", "chromium"]],
    "apk": [["apk", "add", "--no-cache", "-q", "chromium", "font-liberation"]],
}
LIMIT = 600
"""Seconds that one step of an installation may take."""


def main() -> None:
    """Print where a working browser is, or end with one line that says how to get one."""
    if os.environ.get("TIDINGS_NO_BROWSER") == "1":
        return
    browser = find() or (None if "--find" in sys.argv else install())
    if browser is None:
        sys.exit("no browser for the tests: install chromium, or set TIDINGS_NO_BROWSER=1")
    sys.stdout.write(f"{browser}\n")


def install() -> Path | None:
    """Try one way after the other; the browser that came of it."""
    for steps in installations():
        sys.stderr.write(f"No browser found; trying: {' '.join(steps[-1])}\n")
        if all(map(succeeds, steps)) and (browser := find()):
            return browser
    return None


def find() -> Path | None:
    """A browser that really runs: the machine's, or else Playwright's own."""
    found = [path for path in map(shutil.which, NAMES) if path]
    for browser in (*map(Path, found), *playwrights()):
        if succeeds([str(browser), "--version"]):
            return browser
    return None


def playwrights() -> Iterator[Path]:
    """Where Playwright would have put its own."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow, and rarely asked

    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def installations() -> Iterator[list[list[str]]]:
    """Ways to install one, each a list of commands."""
    privilege = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not privilege or succeeds(["sudo", "-n", "true"]):
        for tool, steps in RECIPES.items():
            if shutil.which(tool):
                yield [[*privilege, *step] for step in steps]
    own = [sys.executable, "-m", "playwright", "install"]
    if os.geteuid() == 0:
        yield [[*own, "--with-deps", "chromium"]]
    yield [[*own, "chromium"]]


def succeeds(command: list[str]) -> bool:
    """Whether a command ends well within the limit."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=LIMIT)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


if __name__ == "__main__":
    main()
