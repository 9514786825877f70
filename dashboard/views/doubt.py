"""In doubt: what may or may not have arrived, with the evidence, and a person's word for it."""

from dashboard import page
from dashboard.access import Permission
from dashboard.components import filters
from dashboard.components.deliveries import listing
from dashboard.components.deliveries.listing import Listing
from dashboard.page import Page
from dashboard.showing.spans import EVER
from models.reasons import Failure
from models.states import DeliveryState, Resolution

_REASONS = (
    Failure.CONNECTION_LOST, Failure.NO_ANSWER, Failure.WORKER_LOST, Failure.CRASHED,
    Failure.RESTORED, Failure.NOT_RESENT,
)  # fmt: skip
_LISTING = Listing(
    "doubt_table",
    ("Nothing is in doubt", "What was handed over without an answer stands here till it is known."),
    list(Resolution),
    hidden=("due",),
)


def render() -> None:
    """Draw the page."""
    place = page.header(
        "In doubt", "What may or may not have arrived; nobody can know but who looks"
    )
    wanted = filters.narrow([DeliveryState.IN_DOUBT], _REASONS, EVER)
    with place:
        listing.take([DeliveryState.IN_DOUBT], EVER)
    listing.show(_LISTING, wanted)


PAGE = Page(
    key="doubt",
    title="In doubt",
    icon=":material/help:",
    section="Watch",
    needs=Permission.SEE,
    summary="What may or may not have arrived: the evidence, and what is to become of it.",
    render=render,
)
