"""A topic's own limit: so many to one recipient, of each value of a data key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any


class Over(StrEnum):
    """What becomes of a message for which there is no slot."""

    HOLD = "hold"
    """It waits for the next slot, at most until it expires."""
    DOWNGRADE = "downgrade"
    """It is told in-app alone where its topic has an in-app step; else it waits."""
    DIGEST = "digest"
    """It goes with others of its topic in one message later; else it waits."""
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most so many messages of a topic in a window.

    Attributes:
        limit: Messages to one recipient in one step of the topic.
        window: The time to look back, whole seconds.
        key: Dotted path in the data, each value of which has slots of its own; `None`: all share.
        over: Whether what is over it is skipped or waits.
    """

    limit: int
    window: timedelta
    key: str | None = None
    over: Over = Over.SKIP

    def stored(self) -> dict[str, Any]:
        """As it is kept with its topic, where a CHECK holds it to that."""
        seconds = int(self.window.total_seconds())
        return {"limit": self.limit, "seconds": seconds, "key": self.key, "over": str(self.over)}


def throttle_of(stored: Mapping[str, Any] | None) -> Throttle | None:
    """The throttle that is kept with a topic."""
    if stored is None:
        return None
    window = timedelta(seconds=int(stored["seconds"]))
    over = Over(stored.get("over") or Over.SKIP)
    return Throttle(int(stored["limit"]), window, stored.get("key"), over)
