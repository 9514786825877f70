"""How many messages people were spared, and by what: from what is recorded. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import nlargest

from models.records import Recorded
from models.states import DeliveryState

_SHOWN = 20
_ARRIVED = frozenset({"sent", "delivered", "bounced", "in_doubt"})
_WAITING = frozenset({"scheduled", "sending", "collected"})


@dataclass(frozen=True, slots=True)
class Spared:
    """One recipient: deliveries that were planned, and messages that came of them."""

    recipient_id: str
    planned: int
    messages: int


@dataclass
class Noise:
    """Counts by topic and channel.

    Attributes:
        planned: Deliveries that would each have been a message, had nothing held them back.
        messages: What was sent, digests included.
        spared: Deliveries that were no message of their own, by reason; `digested` are those
            that went in a digest.
        waiting: Those of which nobody knows yet.
        people: Who was spared most.
    """

    planned: Counter[tuple[str, str]] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    spared: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    waiting: Counter[tuple[str, str]] = field(default_factory=Counter)
    people: list[Spared] = field(default_factory=list)

    def add(self, recipient_id: str, recorded: Iterable[Recorded]) -> None:
        """Add one recipient."""
        planned = messages = 0
        for one in recorded:
            where = one.topic, one.channel
            planned += not one.digest
            self.planned[where] += not one.digest
            if one.state in _ARRIVED:
                messages += 1
                self.messages[where] += 1
            elif one.state in _WAITING:
                self.waiting[where] += 1
            else:
                self.spared[*where, _why(one)] += 1
        if planned > messages:
            found = [*self.people, Spared(recipient_id, planned, messages)]
            self.people = nlargest(_SHOWN, found, key=lambda who: who.planned - who.messages)


def _why(one: Recorded) -> str:
    return one.reason or one.state if one.state != DeliveryState.DIGESTED else "digested"
