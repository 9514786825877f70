"""`/healthz`, `/readyz`, `/metrics`: for the machines that watch."""

from contextlib import suppress

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from delivery.api import problems
from delivery.api.edge import TheEdge
from delivery.api.gauges import reading
from delivery.api.problems import Kind, ProblemError
from models import schema
from models.database import UnavailableError
from models.queries.keeping import health

router = APIRouter(tags=["Health"])


@router.get("/healthz")
async def is_alive() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "alive"}


@router.get("/readyz")
async def is_ready(edge: TheEdge) -> dict[str, str | None]:
    """The database answers and its schema is up to date; else 503."""
    async with edge.database.begin() as tx:
        at = await tx.run(health.revision())
    if at != schema.newest_revision():
        detail = f"The schema is at {at}, not {schema.newest_revision()}: run `tidings migrate`."
        raise ProblemError(Kind.UNAVAILABLE, detail, headers=problems.RETRY)
    return {"status": "ready", "schema": at}


@router.get("/metrics")
async def metrics(edge: TheEdge) -> Response:
    """Requests, outbox, queue, workers and deliveries in the text format of Prometheus.

    While the database is away, only requests are told: that is when they matter most.
    """
    text = generate_latest(edge.measures.registry)
    with suppress(UnavailableError):
        text += await reading.read(edge.database)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
