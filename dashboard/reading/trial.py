"""Trying rules on what is recorded: read part by part, so that no transaction lasts."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from dashboard.data import database
from delivery.simulation import run
from delivery.simulation.proposal import propose
from delivery.simulation.tally import Tally
from models.queries.configuring import catalog
from models.queries.sending import simulation
from models.records import Past

PARTS = len(simulation.parts())
"""How many steps a trial takes."""


def tried(document: Mapping[str, Any], days: int) -> Iterator[Tally]:
    """What the rules of a document would have made of the last days; the counts after each part.

    Raises:
        RulebookError: It is no proposal.
    """
    with database().begin() as tx:
        proposal = propose(document, tx.run(catalog.topics()))

    def load(part: str, since: Any) -> Past:
        with database().begin() as tx:
            return tx.follow(simulation.past(part, since, proposal.asks_events))

    return run.simulate(load, simulation.parts(), proposal, database().now(), timedelta(days=days))
