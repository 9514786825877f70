"""The decision trace of a delivery: short codes, kept as JSON, made into sentences when read.

`{"plan": [[check, verdict, note], …], "gate": […], "send": […]}`. A check that kept the delivery
without a word is its name alone, so that most traces stay short; a stage that runs again
replaces what it said before.
"""

import json
from functools import lru_cache

from delivery.policies import Check
from models.records import Json


@lru_cache(maxsize=4096)
def _text(stages: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]) -> str:
    return json.dumps({stage: [_short(check) for check in checks] for stage, checks in stages})


def _short(check: tuple[str, ...]) -> tuple[str, ...]:
    return check[:1] if check[1:] in {(), ("keep", "")} else check


def start(stage: str, checks: tuple[Check, ...]) -> str:
    """A trace with its first stage."""
    return _text(((stage, checks),))


def extend(trace: Json, stage: str, checks: tuple[Check, ...]) -> str:
    """The trace with one stage more, as JSON text; most traces are alike and made once."""
    kept = tuple(
        (name, tuple(tuple(check) for check in earlier))
        for name, earlier in trace.items()
        if name != stage
    )
    return _text((*kept, (stage, checks)))


def read(text: str) -> Json:
    """A trace as a value."""
    stages: Json = json.loads(text)
    return stages
