"""Deliveries: find any of them, and see why it went as it did."""

from dashboard import page
from dashboard.access import Permission
from dashboard.components import filters
from dashboard.components.deliveries import listing
from dashboard.components.deliveries.listing import Listing
from dashboard.page import Page
from dashboard.showing.snippets import FIRST

_LISTING = Listing(
    "deliveries_table",
    (
        "No deliveries match",
        "Widen the time range or clear a filter. Nothing sent yet? Try:",
        FIRST,
    ),
)


def render() -> None:
    """Draw the page."""
    place = page.header("Deliveries", "Every message to every recipient, also the ones not sent")
    wanted = filters.choose()
    with place:
        listing.take()
    listing.show(_LISTING, wanted)


PAGE = Page(
    key="deliveries",
    title="Deliveries",
    icon=":material/outgoing_mail:",
    section="Watch",
    needs=Permission.SEE,
    summary="Every message to every recipient, also the ones not sent, and why.",
    render=render,
)
