"""A topic's throttle: what it counts under, and what is taken. Pure."""

import json
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from delivery.classes import Gate, Pass, how
from delivery.ports import Draft
from models.records import Facts, Stamp, Throttle, Topic

_MARK = "~"


def value_of(data: str | None, topic: Topic, *, test: bool) -> bytes | None:
    """The hash of the value an event is counted under; `None` where nothing is counted.

    What lacks the key counts under no value, together with all others that lack it.
    """
    throttle = topic.throttle
    if throttle is None or test or how(topic.klass, Gate.THROTTLE) is Pass.ALWAYS:
        return None
    value: Any = json.loads(data or "{}") if throttle.key is not None else None
    for name in (throttle.key or "").split(".") if throttle.key is not None else ():
        value = value.get(name) if isinstance(value, dict) else None
    said = json.dumps(value, sort_keys=True).encode()
    return blake2b(said, digest_size=8).digest()


def counter(draft: Draft) -> str | None:
    """The name of the counter a delivery takes a slot of, if its topic has a throttle."""
    throttle = draft.topic.throttle
    if throttle is None or draft.throttled is None or draft.delivery_id is None:
        return None
    seconds = int(throttle.window.total_seconds())
    return f"{_MARK}{seconds}:{draft.topic.key}/{draft.step.key}:{draft.throttled.hex()}"


def inside(draft: Draft, throttle: Throttle, facts: Facts, now: datetime) -> list[datetime]:
    """When others took the slots that are taken now, the oldest first."""
    taken = facts.ledger.slots.get(counter(draft) or "", ())
    return sorted(
        stamp.at
        for stamp in taken
        if stamp.at > now - throttle.window and stamp.delivery_id != draft.delivery_id
    )


def is_over(name: str, taken: tuple[Stamp, ...], now: datetime) -> bool:
    """Whether a counter is a throttle's that nobody can ask for any more."""
    if not name.startswith(_MARK):
        return False
    seconds = int(name[1:].partition(":")[0])
    return taken[-1].at + timedelta(seconds=seconds) <= now
