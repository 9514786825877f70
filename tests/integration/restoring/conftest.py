"""A product's database that keeps what was planned."""

from collections.abc import Iterator

import pytest

from tests.integration.test_sources import Producer, producing


@pytest.fixture
def keeper(empty_database_url: str) -> Iterator[Producer]:
    """A product's own database that keeps planned rows, drained by a role that may do no more."""
    with producing(empty_database_url, keep=True) as made:
        yield made
