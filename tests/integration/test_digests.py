"""News that is collected goes out together: each event in one message or with one reason."""

from typing import Any

from models.records import read_digest
from scheduler import digests
from tests.pipeline import Pipeline

DEBOUNCE = {"kind": "debounce", "steps": ["email"], "by": ["actor"], "wait": "10m"}
WORDS = (
    "{{ actors[0] }} shared '{{ items[0].data.board }}'"
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


def states(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows(
        "SELECT state, count(*) FROM v_deliveries GROUP BY digest, state ORDER BY digest, state"
    )


async def test_thirty_three_shares_by_one_person_are_one_mail(pipeline: Pipeline):
    await collecting(pipeline, DEBOUNCE)
    for number in range(1, 34):
        pipeline.emit(actor="Mark", data={"board": f"EX{number:02}"})
        await pipeline.run()
        assert await digests.close(pipeline.runtime) == 0
        pipeline.travel(minutes=1)
    assert states(pipeline) == [("collected", 33)]
    pipeline.travel(minutes=10)
    assert await close(pipeline) == 1
    assert states(pipeline) == [("digested", 33), ("sent", 1)]
    (mail,) = pipeline.mail.kept
    assert "Mark shared 'EX01' and 32 other boards with you" in mail.content.decode()
