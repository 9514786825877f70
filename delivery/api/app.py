"""The HTTP edge, put together."""

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from delivery.api import (
    audience_lists,
    audiences,
    browser,
    campaign_orders,
    campaigns,
    centre,
    conversions,
    deliveries,
    docs,
    engagement,
    erasure,
    events,
    export,
    feed,
    feedback,
    files,
    health,
    memberships,
    preference_links,
    preferences,
    recipients,
    unsubscribe,
)
from delivery.api.access import feed_key
from delivery.api.amazon import Amazon, Get, get
from delivery.api.edge import Desk, Edge
from delivery.api.hits import Hits
from delivery.api.journal import Journal, Measures
from delivery.api.limits import BodyLimit
from delivery.api.nudge import Nudge
from delivery.api.problems import RESPONSES, tell_problems
from delivery.api.troubles import tell_troubles
from delivery.links import LinkKeys
from delivery.registry import all_channels, all_webhooks
from delivery.settings import DeliverySettings
from models.database import Database
from models.pseudonyms import Pseudonyms

_ROUTERS = (
    events.router,
    deliveries.router,
    preference_links.router,
    erasure.router,
    export.router,
    recipients.router,
    feed.router,
    preferences.router,
    unsubscribe.router,
    centre.router,
    browser.router,
    engagement.router,
    conversions.router,
    audiences.router,
    audience_lists.router,
    memberships.router,
    campaigns.router,
    campaign_orders.router,
    feedback.router,
    files.router,
    health.router,
    docs.router,
)


def build_app(
    database: Database, settings: DeliverySettings, key: bytes, get: Get = get
) -> FastAPI:
    """The app of one process.

    Args:
        database: Closed by whoever made it.
        settings: Who may call from a browser, and keys whose links stay good.
        key: The installation's secret, from which the keys of links and tokens are derived.
        get: Opens addresses of Amazon's.
    """
    edge = _edge(database, settings, key, Amazon(get))
    app = FastAPI(
        title="Tidings",
        description="Tell people things, at the right moment and never twice.",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        responses=RESPONSES,
        strict_content_type=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.edge = edge
    edge.measures.lost.set_function(lambda: edge.hits.lost)
    for router in _ROUTERS:
        app.include_router(router)
    tell_problems(app)
    tell_troubles(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(FeedOrigins, origins=settings.feed_origins)
    app.add_middleware(Journal, measures=edge.measures)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    edge: Edge = app.state.edge
    await edge.nudge.close()
    await edge.hits.close()


def _edge(database: Database, settings: DeliverySettings, key: bytes, amazon: Amazon) -> Edge:
    return Edge(
        database=database,
        measures=Measures(),
        base_url=settings.public_url,
        link_keys=LinkKeys.derive(key, *settings.older_keys),
        permits=settings.preferences_link_lifetime,
        source_key=hmac.digest(key, b"tidings sources 1", "sha256"),
        feed_key=feed_key(key),
        accepts={name: channel.accepts for name, channel in all_channels().items()},
        nudge=Nudge(database),
        hits=Hits(database),
        desks=_desks(settings),
        amazon=amazon,
        pseudonyms=Pseudonyms((key, *settings.older_keys)),
    )


def _desks(settings: DeliverySettings) -> dict[str, Desk]:
    """The vendors that are set up."""
    secrets, webhooks = settings.webhook_secrets, all_webhooks()
    return {key: Desk(webhooks[key], each) for key, each in secrets.items() if each}


class FeedOrigins:
    """Lets the named origins' pages read the feed and choose from a browser, and nothing else."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=sorted(origins),
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["X-Request-ID"],
            max_age=3600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        path = scope["path"] if scope["type"] == "http" else ""
        is_open = path.startswith(("/v1/feed", "/v1/preferences"))
        await (self._open if is_open else self._app)(scope, receive, send)
