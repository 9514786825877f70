"""Topics that collect, their digests closed, and mails told by their subjects."""

from contextlib import closing
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID

from delivery.again import by_person
from models.database import SyncDatabase
from models.queries.configuring import catalog
from models.queries.repairing.orders import Order, carry_out
from models.records import read_digest
from models.states import DEAD, Resolution
from scheduler.sending import digests
from tests.mail_servers import Kept
from tests.pipeline import Pipeline

DEBOUNCE = {"kind": "debounce", "steps": ["email"], "by": ["actor"], "wait": "10m"}


WORDS = (
    "{{ actors[0] if actors else 'Somebody' }} shared '{{ items[0].data.board }}'"
    "{% if others %} and {{ others }} other boards{% endif %} with you"
)


async def collecting(pipeline: Pipeline, rule: dict[str, Any], **values: Any) -> None:
    """A topic that is collected, and Anna."""
    given = {"channels": ("email",), "words": WORDS, **values}
    await pipeline.topic(digest=read_digest(rule), **given)
    pipeline.people("anna")


async def close(pipeline: Pipeline) -> int:
    """Close what is due, and send it."""
    closed = await digests.close(pipeline.runtime)
    await pipeline.run()
    return closed


def subject(mail: Kept) -> str:
    message = message_from_bytes(mail.content, policy=policy.default)
    return str(message["Subject"])


def states(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows(
        "SELECT state, count(*) FROM v_deliveries GROUP BY digest, state ORDER BY digest, state"
    )


def again(pipeline: Pipeline, dead: list[UUID]) -> None:
    """Have a person send these again."""
    with closing(SyncDatabase.connect(pipeline.url, "ada", 1)) as database, database.begin() as tx:
        now = pipeline.clock.now()
        order = Order(
            Resolution.AGAIN, DEAD, "ada", by_person(tx.run(catalog.topics()), now), now
        )  # fmt: skip
        assert tx.follow(carry_out(dead, order)).done == set(dead)
