"""The HTTP API on a test's own database."""

from collections.abc import AsyncIterator

import pytest

from models.queries.configuring.keys import Scope
from tests.edge import Edge, edge_on


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        yield edge


@pytest.fixture
async def producer(edge: Edge) -> dict[str, str]:
    """The headers of one who may post events."""
    return await edge.bearer(Scope.EVENTS_WRITE)
