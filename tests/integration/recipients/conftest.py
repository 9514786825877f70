"""The API as whoever may write recipients sees it."""

from collections.abc import AsyncIterator

import pytest

from models.queries.configuring.keys import Scope
from tests.edge import Edge, edge_on


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        edge.http.headers.update(await edge.bearer(Scope.RECIPIENTS_WRITE))
        yield edge
