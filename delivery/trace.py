"""The decision trace of a delivery: short codes, kept as JSON, made into sentences when read.

`{"plan": [[check, verdict, note], …], "again": […], "gate": […], "send": […]}`. A check that
kept the delivery without a word is its name alone, so that most traces stay short; a stage that
runs again replaces what it said before.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from delivery.policies import Check
from models.records import Json

PASSED_ON = "passed_on"
"""What is said of an account that did not take a message, so that another one tried."""
FULL = "full"
"""The same of one whose limit left no room."""

CARRIES = "carries"
"""What is said of the message of a digest; the note is how many deliveries it carries."""


@lru_cache(maxsize=4096)
def start(stage: str, checks: tuple[Check, ...]) -> str:
    """A trace with its first stage, as JSON text."""
    return _written({stage: checks})


@lru_cache(maxsize=4096)
def extend(trace: str, stage: str, checks: tuple[Check, ...]) -> str:
    """The trace with one stage more; most traces are alike and made once."""
    stages = {name: earlier for name, earlier in read(trace).items() if name != stage}
    return _written({**stages, stage: checks})


def _written(stages: Mapping[str, Iterable[Sequence[str]]]) -> str:
    return json.dumps({name: [_short(check) for check in stages[name]] for name in stages})


def _short(check: Sequence[str]) -> Sequence[str]:
    return check[:1] if tuple(check[1:]) in {(), ("keep", "")} else check


def read(text: str) -> Json:
    """A trace as a value."""
    stages: Json = json.loads(text)
    return stages
