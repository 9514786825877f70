"""The numbers of a campaign's report, each with the deliveries behind it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.components.tiles import Tile
from dashboard.page import Query
from dashboard.showing.noticed import behind
from dashboard.showing.words import label, number, per_cent
from delivery.campaigns.judging import HANDED_OVER, Tally
from delivery.campaigns.reporting import Funnel
from models.readings.deliveries import Noticed, OfCampaign
from models.reasons import sentence
from models.states import QUEUED, DeliveryState as D


def tiles_of(of: OfCampaign, funnel: Funnel) -> list[Tile]:
    """Eligible › waiting › not sent › handed over › what came back and what was noticed."""
    told, waiting = funnel.tally, sum(funnel.waiting.values())
    unsent = sorted({state for state, _ in told.unsent})
    return [
        _tile("eligible", funnel.eligible, "people", behind(of)),
        _tile("waiting", waiting, "messages to come", behind(of, *sorted(QUEUED))),
        _tile("unsent", sum(told.unsent.values()), "see why below", behind(of, *unsent)),
        _tile("handed_over", told.handed_over, "messages", behind(of, *sorted(HANDED_OVER))),
        *(
            _tile(state, many := told.ended.get(state, 0), _share(many, told), behind(of, state))
            for state in (D.DELIVERED, D.BOUNCED)
        ),
        *(
            _tile(noticed, many, _share(many, told), behind(of, noticed=noticed))
            for noticed, many in _noticed(told).items()
        ),
    ]


_TITLES: Mapping[str, tuple[str, str]] = {
    "eligible": ("Eligible", "groups"),
    "waiting": ("Waiting", "hourglass_empty"),
    "unsent": ("Not sent", "block"),
    "handed_over": ("Handed over", "outgoing_mail"),
    D.DELIVERED: ("Delivered", "mark_email_read"),
    D.BOUNCED: ("Bounced", "undo"),
    Noticed.OPENED: ("Opened by people", "drafts"),
    Noticed.MACHINES: ("Seen by machines", "smart_toy"),
    Noticed.CLICKED: ("Clicked by people", "ads_click"),
    Noticed.CONVERTED: ("Converted", "flag"),
    Noticed.COMPLAINED: ("Complained", "report"),
    Noticed.UNSUBSCRIBED: ("Unsubscribed", "unsubscribe"),
}
"""Key to title and icon."""


def _tile(key: str, many: int, note: str, query: Query) -> Tile:
    title, icon = _TITLES[key]
    return Tile(
        f"campaign_{key}", title, number(many), note, f":material/{icon}:",
        f"the {number(many)} behind it", colour="gray", query=query,
    )  # fmt: skip


def _noticed(told: Tally) -> dict[Noticed, int]:
    return {
        Noticed.OPENED: told.opened, Noticed.MACHINES: told.machines,
        Noticed.CLICKED: told.clicked, Noticed.CONVERTED: told.converted,
        Noticed.COMPLAINED: told.complained, Noticed.UNSUBSCRIBED: told.unsubscribed,
    }  # fmt: skip


def _share(many: int, told: Tally) -> str:
    whole = told.handed_over
    return f"{per_cent(min(many / whole, 1.0))} of what went" if whole else "nothing went yet"


@dataclass(frozen=True, slots=True)
class Why:
    """How many got nothing, or nothing yet, for one reason.

    Attributes:
        query: What the page Deliveries is asked for; `None`: they have no deliveries.
    """

    number: int
    words: str
    query: Query | None

    @property
    def line(self) -> str:
        """As it stands in the list."""
        return f"{number(self.number)} · {self.words}"


def came_back(of: OfCampaign, funnel: Funnel) -> list[Why]:
    """What bounced, each by its reason."""
    return [
        Why(many, sentence(why) or "no reason given", behind(of, D.BOUNCED, reason=why))
        for why, many in funnel.tally.bounced.items()
        if many
    ]


def whys(of: OfCampaign, funnel: Funnel, left_out: Mapping[str, int]) -> list[Why]:
    """Who is left out, what waits and what was not sent, each by its reason."""
    out = [Why(many, f"Left out: {sentence(why)}", None) for why, many in left_out.items()]
    waiting = [
        Why(
            many,
            "Waiting: due now" if why == "due" else f"Waiting: {sentence(why)}",
            behind(of, *sorted(QUEUED), reason="" if why == "due" else why),
        )
        for why, many in funnel.waiting.items()
    ]
    unsent = [
        Why(many, f"{label(state)}: {sentence(why) or 'no reason given'}",
            behind(of, state, reason=why))
        for (state, why), many in funnel.tally.unsent.items()
    ]  # fmt: skip
    return [one for one in (*out, *waiting, *unsent) if one.number]
