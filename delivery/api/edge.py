"""What every route may reach: the database, the keys, the channels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from delivery.api.amazon import Amazon
from delivery.api.hits import Hits
from delivery.api.journal import Measures
from delivery.api.nudge import Nudge
from delivery.links import LinkKeys
from delivery.ports import Secrets, Webhook
from delivery.profiles import Accepts
from models.database import Database
from models.pseudonyms import Pseudonyms


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one vendor's posts are believed: its webhook and what it signs with."""

    webhook: Webhook
    secrets: Secrets


@dataclass(frozen=True, slots=True)
class Edge:
    """Made once by `build_app`.

    Attributes:
        base_url: Where links lead, without a trailing slash.
        permits: How long a mail's link to its recipient's preferences is good.
    """

    database: Database
    measures: Measures
    base_url: str
    link_keys: LinkKeys
    permits: timedelta
    source_key: bytes
    feed_key: bytes
    accepts: Accepts
    nudge: Nudge
    hits: Hits
    desks: Mapping[str, Desk]
    amazon: Amazon
    pseudonyms: Pseudonyms


def _edge(request: Request) -> Edge:
    edge: Edge = request.app.state.edge
    return edge


TheEdge = Annotated[Edge, Depends(_edge)]
