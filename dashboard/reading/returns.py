"""What the page Feedback reads: counts alone, in one short transaction."""

from dataclasses import dataclass
from datetime import timedelta

from dashboard.data import database
from dashboard.showing.spans import Span, hourly
from models.queries.console import returns
from models.readings.figures import Period
from models.readings.returns import Change, Course, Delay, Facets

_KNOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back in a period."""

    period: Period
    courses: tuple[Course, ...]
    delays: tuple[Delay, ...]
    changes: tuple[Change, ...]


def returned(span: Span, facets: Facets) -> Returned:
    """What came back in a span from the deliveries that are asked for."""
    now = database().now()
    of = hourly(span, now)
    with database().begin() as tx:
        changes = tx.run(returns.changes(of, facets.channel))
        return Returned(
            period=of,
            courses=tuple(tx.run(returns.courses(of, facets))),
            delays=tuple(tx.run(returns.delays(of, facets))),
            changes=(*changes, *tx.run(returns.endings(of, facets.channel, now))),
        )


def known_facets() -> dict[str, list[str]]:
    """The providers and destinations of the last days."""
    since = database().now() - _KNOWN_FOR
    with database().begin() as tx:
        return tx.run(returns.known_facets(since))
