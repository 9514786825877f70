"""Campaigns in tests: a launched one, and the tick until there is nothing more for it to do."""

from datetime import datetime
from typing import Any

from delivery.campaigns.document import as_document, read
from delivery.campaigns.launching import Launch, prepare
from models.queries.audiences import catalog as audience_catalog
from models.queries.audiences.catalog import Saving
from models.queries.campaigns import campaigns, naming, orders
from models.queries.campaigns.orders import By, Standing
from models.records import Run, RunKind
from scheduler.campaigns import advance
from tests.pipeline import Pipeline, exhausted

KEY = "spring"


async def draft(pipeline: Pipeline, **document: Any) -> None:
    """A campaign that is a draft."""
    now = pipeline.clock.now()
    async with pipeline.runtime.database.begin() as tx:
        said = {
            "key": KEY, "title": "Spring", "topic": "news", "data": {"board": "Spring"}, **document,
        }  # fmt: skip
        body = read(said, await tx.follow(naming.known(said)), now)
        await tx.run(campaigns.add(as_document(body), "ada", now))


async def launch(
    pipeline: Pipeline, kind: RunKind = RunKind.LAUNCH, **wanted: Any
) -> Run | datetime:
    """Launch it, as a person would."""
    now = pipeline.clock.now()
    ordered = Launch(kind, "ada", now, **wanted)

    def prepared(at: Standing) -> Run | datetime:
        return prepare(at.campaign.document, at.runs, at.known, ordered)

    async with pipeline.runtime.database.begin() as tx:
        return await tx.follow(orders.launch(KEY, kind, prepared, By("ada", now)))


async def order(pipeline: Pipeline, what: Any, why: str = "because") -> None:
    async with pipeline.runtime.database.begin() as tx:
        await tx.follow(what(KEY, By("ada", pipeline.clock.now(), why)))


async def advanced(pipeline: Pipeline) -> int:
    """Let workers do all that is to be done now."""
    pipeline.forget_catalog()
    return await exhausted(lambda: advance.step(pipeline.runtime))


def state(pipeline: Pipeline) -> str:
    found: str = pipeline.value("SELECT state FROM campaigns WHERE campaign = %s", KEY)
    return found


async def audience(pipeline: Pipeline, key: str, *recipients: str) -> None:
    """Let new people belong to an audience: whoever speaks Swedish."""
    pipeline.people(*recipients)
    speak = "UPDATE recipients SET locale = 'sv' WHERE recipient_id = ANY(%s)"
    pipeline.run_sql(speak, list(recipients))
    document = {"key": key, "title": key, "all": [{"about": "locale", "in": ["sv"]}]}
    saving = Saving(key, key, document, None, "", "ada", pipeline.clock.now())
    async with pipeline.runtime.database.begin() as tx:
        await tx.run(audience_catalog.lock())
        known = await tx.run(audience_catalog.audiences())
        await tx.follow(audience_catalog.save(saving, known.get(key)))
