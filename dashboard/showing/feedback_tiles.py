"""The tiles of the page Feedback. Pure."""

from dashboard.components.tiles import Tile
from dashboard.page import Query
from dashboard.reading.returns import Returned
from dashboard.showing import feedback
from dashboard.showing.spans import WORDS, Span
from dashboard.showing.words import label, number, per_cent
from delivery.reputation.rates import LINES
from models.records import Kind, Measure
from models.states import DeliveryState as D


def tiles_of(span: Span, found: Returned, asked: Query) -> list[Tile]:
    """Delivered, bounced, complained, unsubscribed."""
    return [
        _delivered(found, asked),
        _bounced(found, asked),
        _complained(span, found, asked),
        _unsubscribed(span, found, asked),
    ]


def _delivered(found: Returned, asked: Query) -> Tile:
    step = feedback.funnel(found)[1]
    value = "–" if step.count is None else per_cent(feedback.share(step.count, step.of))
    note = "no delivery feedback" if step.count is None else f"{number(step.count)} confirmed"
    course = feedback.by_bin(found, feedback.came(D.DELIVERED))[:-1]
    return Tile(
        key="returned_delivered",
        title="Delivered",
        value=value,
        note=note,
        icon=":material/mark_email_read:",
        explanation="what was confirmed",
        course=course if step.count is not None else (),
        colour="gray" if step.count is None else "green",
        query={**asked, "state": [label(D.DELIVERED)]},
    )


def _bounced(found: Returned, asked: Query) -> Tile:
    bounced = feedback.total(found.courses, feedback.came(D.BOUNCED))
    rate = feedback.share(bounced, feedback.total(found.courses, feedback.handed_over))
    return Tile(
        key="returned_bounced",
        title="Bounce rate",
        value=per_cent(rate),
        note=f"{number(bounced)} bounced",
        icon=":material/undo:",
        explanation="what bounced",
        course=feedback.by_bin(found, feedback.came(D.BOUNCED))[:-1],
        colour="red" if rate > LINES[Measure.BOUNCES].review else "primary",
        query={**asked, "state": [label(D.BOUNCED)]},
    )


def _complained(span: Span, found: Returned, asked: Query) -> Tile:
    said = feedback.total(found.courses, feedback.came(Kind.COMPLAINED))
    rate = feedback.share(said, feedback.total(found.courses, feedback.handed_over))
    return Tile(
        key="returned_complained",
        title="Complaint rate",
        value=f"{rate:.3%}",
        note=f"{number(said)} in {WORDS[span]}",
        icon=":material/report:",
        explanation="whose readers called it spam",
        course=feedback.by_bin(found, feedback.came(Kind.COMPLAINED))[:-1],
        shape="bar",
        colour=_alarm(rate),
        query={**asked, "told": [label(Kind.COMPLAINED)]},
    )


def _alarm(rate: float) -> str:
    if rate >= feedback.COMPLAINTS.review:
        return "red"
    return "orange" if rate >= feedback.COMPLAINTS.watch else "primary"


def _unsubscribed(span: Span, found: Returned, asked: Query) -> Tile:
    said = feedback.total(found.courses, feedback.came(Kind.UNSUBSCRIBED))
    return Tile(
        key="returned_unsubscribed",
        title="Unsubscribed",
        value=number(said),
        note=f"told the vendor in {WORDS[span]}",
        icon=":material/unsubscribe:",
        explanation="whose readers want no more",
        course=feedback.by_bin(found, feedback.came(Kind.UNSUBSCRIBED))[:-1],
        shape="bar",
        query={**asked, "told": [label(Kind.UNSUBSCRIBED)]},
    )
