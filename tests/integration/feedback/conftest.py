"""The API where feedback of our own kind is signed."""

from collections.abc import AsyncIterator

import pytest

from tests.edge import Edge, edge_on
from tests.vendors import GENERIC_SECRET


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url, feedback_secret=GENERIC_SECRET) as edge:
        yield edge
