"""Frequency caps for tests: published as people publish them, and warm when asked."""

from typing import Any

from delivery.limits.caps import counters
from delivery.rulebook import read
from models.queries.configuring import rulebooks
from models.records import StoredRulebook
from scheduler.keeping import warming
from tests.pipeline import Pipeline

PROMO = {"key": "promo", "classes": ["promotional"], "limit": 1, "within": "24 hours"}


async def publish(pipeline: Pipeline, *rules: dict[str, Any]) -> int:
    """Put caps in force; the version."""
    async with pipeline.runtime.database.begin() as tx:
        newest = await tx.run(rulebooks.newest(1))
        version = newest[0].version + 1 if newest else 1
        document = {"caps": list(rules)}
        book = StoredRulebook(version, document, "a test", pipeline.clock.now(), "ada")
        assert await tx.follow(rulebooks.publish(book, counters(read(document).caps)))
    pipeline.forget_catalog()
    return version


async def cap(pipeline: Pipeline, *rules: dict[str, Any]) -> None:
    """Put caps in force, and let them learn what was sent before."""
    await publish(pipeline, *rules)
    await warming.warm(pipeline.runtime)
    pipeline.travel(seconds=6)
    await warming.warm(pipeline.runtime)
