"""Dead letters: what was given up or decided against, and sending it again."""

from dashboard import page
from dashboard.access import Permission
from dashboard.components import filters
from dashboard.components.deliveries import listing
from dashboard.components.deliveries.listing import Listing
from dashboard.page import Page
from dashboard.showing.spans import Span
from models.reasons import Failure, Skip
from models.states import DEAD, Resolution

_FAILED = (
    Failure.RENDERING, Failure.COMPOSING, Failure.CONTENT_REFUSED, Failure.POLICY_REFUSED,
    Failure.TRIES_EXHAUSTED, Failure.QUARANTINED, Failure.UNCLOSED, Failure.EXPIRED,
)  # fmt: skip
_LISTING = Listing(
    "dead_letters_table",
    ("No dead letters match", "What failed, expired, was skipped or cancelled stands here."),
    [Resolution.AGAIN],
    hidden=("due",),
)


def render() -> None:
    """Draw the page."""
    place = page.header("Dead letters", "What failed, expired, was skipped or cancelled")
    wanted = filters.narrow(sorted(DEAD), [*_FAILED, *Skip], Span.DAY)
    with place:
        listing.take(sorted(DEAD), Span.DAY)
    listing.show(_LISTING, wanted)


PAGE = Page(
    key="dead_letters",
    title="Dead letters",
    icon=":material/unsubscribe:",
    section="Watch",
    needs=Permission.SEE,
    summary="What was given up or decided against, and sending it again.",
    render=render,
)
