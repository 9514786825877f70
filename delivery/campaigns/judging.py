"""What the first numbers of a run say: whether its canary lives, which variant wins. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from delivery.campaigns.body import Canary, Variant, Winner
from delivery.campaigns.statistics import Share
from delivery.reputation.rates import floor
from models.records import By
from models.states import DEAD, HANDED_OVER as ACCEPTED, DeliveryState as D

_PEOPLE = frozenset({By.PERSON, By.PROXY})
HANDED_OVER = ACCEPTED | {D.IN_DOUBT}
"""What was given to somebody's server, or to the feed, as far as anybody knows."""
_ENDED = HANDED_OVER | DEAD


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of a cohort entered and left a state.

    Attributes:
        reason: Why; of opens and clicks, who it was.
    """

    cohort: str
    channel: str
    state: str
    reason: str
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of some messages.

    Attributes:
        ended: State to how many are in it, of those that wait no more.
        unsent: State and reason to how many, of those that were not handed over.
        bounced: Why how many came back.
        opened: Mails that a person opened, as far as one can see.
        machines: Mails that a machine opened, or of which it followed a link.
    """

    ended: Mapping[str, int]
    unsent: Mapping[tuple[str, str], int]
    bounced: Mapping[str, int] = field(default_factory=dict)
    opened: int = 0
    clicked: int = 0
    machines: int = 0
    converted: int = 0
    complained: int = 0
    unsubscribed: int = 0

    @property
    def settled(self) -> int:
        """How many wait no more."""
        return sum(self.ended.values())

    @property
    def handed_over(self) -> int:
        """How many were given to somebody's server, or to the feed."""
        return sum(number for state, number in self.ended.items() if state in HANDED_OVER)

    def noticed(self, by: str) -> int:
        """How many did what a winner is chosen by."""
        return {"opened": self.opened, "clicked": self.clicked, "converted": self.converted}[by]

    def share(self, by: str) -> Share:
        """The same of what was handed over; what was noticed twice counts once at most."""
        return Share(min(self.noticed(by), self.handed_over), self.handed_over)


def tally(counts: Iterable[Count]) -> Tally:
    """These counts together."""
    ended, bounced, said = Counter[str](), Counter[str](), Counter[str]()
    unsent = Counter[tuple[str, str]]()
    for one in counts:
        if one.state in _ENDED:
            ended[one.state] += one.entered - one.left
            if one.state not in HANDED_OVER:
                unsent[one.state, one.reason] += one.entered - one.left
            if one.state == "bounced":
                bounced[one.reason] += one.entered - one.left
        else:
            said[_sign(one)] += one.entered
    return Tally(ended, unsent, bounced, **{name: said[name] for name in _SIGNS})


_SIGNS = ("opened", "clicked", "machines", "converted", "complained", "unsubscribed")


def _sign(one: Count) -> str:
    machine = one.state in {"opened", "clicked"} and one.reason not in _PEOPLE
    return "machines" if machine else one.state


def is_telling(found: Tally, members: int) -> bool:
    """Whether enough of a canary is known: at least half of its messages wait no more.

    Before that, that nothing went wrong says only that nothing went.
    """
    return 2 * found.settled >= members


def trouble(canary: Canary, found: Tally) -> str | None:
    """Why what the canary met stops the rest; `None`: it may follow.

    A limit is passed when even the lower bound of its rate is above it: one bounce of three is no
    flood. Of none at all handed over, somebody should look first.
    """
    of = found.settled
    unwell = found.ended.get(D.FAILED, 0) + found.ended.get(D.IN_DOUBT, 0)
    rates = (
        ("bounced", found.ended.get(D.BOUNCED, 0), canary.bounced),
        ("complained", found.complained, canary.complained),
        ("failed", unwell, canary.failed),
    )
    for name, hits, limit in rates:
        if of and floor(hits, of) * 100 > limit:
            return f"Of its canary {hits / of:.1%} {name}, more than {limit:g} %."
    if of and unwell == of:
        return "Of its canary all failed."
    return None


def winner(rule: Winner, variants: Sequence[Variant], found: Mapping[str, Tally]) -> str:
    """The variant with the best rate; of equal ones the one that was named first."""

    def rate(variant: Variant) -> float:
        told = found.get(variant.key)
        of = 0 if told is None else told.handed_over
        return 0.0 if told is None or not of else told.noticed(rule.by) / of

    return max(variants, key=rate).key
