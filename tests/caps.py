"""Frequency caps for tests: published as people publish them, and warm when asked."""

from typing import Any

from delivery.limits.caps import counters
from delivery.rulebook import read
from models.queries.configuring import rulebooks
from models.queries.configuring.published import Publication
from scheduler.keeping import warming
from tests.pipeline import Pipeline

PROMO = {"key": "promo", "classes": ["promotional"], "limit": 1, "within": "24 hours"}


async def publish(pipeline: Pipeline, *rules: dict[str, Any]) -> int:
    """Put caps in force; the version."""
    document = {"caps": list(rules)}
    needed = counters(read(document).caps)
    wanted = Publication(document, needed, "a test", "ada", pipeline.clock.now())
    async with pipeline.runtime.database.begin() as tx:
        version = await tx.follow(rulebooks.put_in_force(wanted))
    assert version is not None, "just these are in force"
    pipeline.forget_catalog()
    return version


async def cap(pipeline: Pipeline, *rules: dict[str, Any]) -> None:
    """Put caps in force, and let them learn what was sent before."""
    await publish(pipeline, *rules)
    await warming.warm(pipeline.runtime)
    pipeline.travel(seconds=6)
    await warming.warm(pipeline.runtime)
