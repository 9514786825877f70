"""Folders of servers, as ourselves and as nobody."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.embedded.cluster import Ground, ground_of_nobody, used

ACCOUNTS = ["ourselves", "nobody"] if os.geteuid() == 0 else ["ourselves"]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    with used(Ground(tmp_path / "data", sys.executable)) as found:
        yield found


@pytest.fixture(params=ACCOUNTS)
def any_ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ground]:
    ours = request.param == "ourselves"
    with used(Ground(tmp_path / "data", sys.executable) if ours else ground_of_nobody()) as found:
        yield found
