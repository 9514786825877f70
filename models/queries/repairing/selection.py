"""Which settled deliveries somebody means who names them by filter, a batch at a time."""

from dataclasses import dataclass
from datetime import datetime

from models.ids import bucket_of
from models.queries.console.wanted import conditions, parameters, source
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Query, records
from models.readings.deliveries import Position, Wanted

COUNTED_UP_TO = 100_000
"""More than this is told as "at least"."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Settled deliveries that fit a filter, as they stood when somebody asked.

    Attributes:
        wanted: Its `before` and `limit` do not matter.
        until: Only what was created before this moment.
        asked_at: Only what was settled before: what was sent again and died anew is not meant, so
            that asking twice does nothing twice.
    """

    wanted: Wanted
    asked_at: datetime
    until: datetime | None = None


def _statement(selection: Selection, columns: str, more: str) -> str:
    until = "AND d.created_at < :until" if selection.until else ""
    return f"""
        SELECT {columns} FROM {source(selection.wanted)}
         WHERE d.bucket = ANY(:slice) AND d.settled_at < :asked_at
           AND d.state NOT IN ('scheduled', 'sending') {until}
           {conditions(selection.wanted, "d", "reason")} {more}
    """


def _slice(selection: Selection) -> Slice:
    recipient = selection.wanted.recipient
    return EVERYWHERE if recipient is None else slice_of([bucket_of(recipient)])


def count_selected(selection: Selection) -> Query[int]:
    """How many are meant; counts up to a limit."""
    return routed(
        f"SELECT count(*) FROM ({_statement(selection, '1', 'LIMIT :most')}) AS meant",
        _slice(selection),
        lambda result: int(result.scalar_one()),
        most=COUNTED_UP_TO,
        **_parameters(selection),
    )


def select_next(selection: Selection, after: Position | None, limit: int) -> Query[list[Position]]:
    """The next ones after a place, the oldest first."""
    beyond = "AND (d.created_at, d.delivery_id) > (:after_at, :after_id)" if after else ""
    order = f"{beyond} ORDER BY d.created_at, d.delivery_id LIMIT :limit"
    place = {"after_at": after.at, "after_id": after.id} if after else {}
    return routed(
        _statement(selection, "d.created_at, d.delivery_id", order),
        _slice(selection),
        records(Position),
        limit=limit,
        **place,
        **_parameters(selection),
    )


def _parameters(selection: Selection) -> dict[str, object]:
    until = {"until": selection.until} if selection.until else {}
    return {"asked_at": selection.asked_at, **until, **parameters(selection.wanted)}
