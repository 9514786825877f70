"""Tables that people take along: who may, what of it, and that it is in the audit first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from dashboard.door.gate import PERSON
from dashboard.reading import campaign_report, campaigns
from dashboard.showing import asked as asking, campaign_tables, campaigns as words
from dashboard.showing.asked import Asked
from dashboard.showing.files import Rows, Sheet, as_csv, as_parquet, sheet_of
from dashboard.showing.table import Table
from delivery.registry import all_channels
from models.queries.console import history
from models.readings.deliveries import DeliveryLine, Position, Wanted
from models.reasons import sentence

_AT_ONCE = 2000

_WRITERS: Mapping[str, tuple[str, Callable[[Sheet], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}
"""Kind of a file to its media type and what writes it."""


@dataclass(frozen=True, slots=True)
class Export:
    """What can be taken along.

    Attributes:
        name: In the URL and of the file.
        needs: Who may see it may take it.
        filters: Parameters of the URL that mean something.
        opened: What the parameters ask for, by whom, when; where that is nothing it raises
            `RefusedError`.
    """

    name: str
    needs: Permission
    filters: Sequence[str]
    opened: Callable[[UUID, Asked, datetime], Sheet]


def _campaign(_: UUID, asked: Asked, __: datetime) -> Sheet:
    """A table of a campaign's report."""
    key, name = (next(iter(asked.get(each, ())), "") for each in ("campaign", "table"))
    found = campaign_report.told(key)
    if found is None:
        raise RefusedError(f"There is no campaign {key!r}: see the page Campaigns.")
    noisy = name in campaign_tables.ADDED
    tables = campaign_tables.tables(found, campaign_report.noise_of(key) if noisy else None)
    table = next((each for each in tables if each.key == name), None)
    if table is None:
        there = ", ".join(each.key for each in tables)
        raise RefusedError(f"Its report has no table {name!r}: choose one of {there}.")
    return sheet_of(table)


def _campaigns(_: UUID, __: Asked, ___: datetime) -> Sheet:
    """The list of campaigns."""
    columns = ("Campaign", "Title", "State", "Audience", "Topic", "Team", "Changed", "By")
    rows = [
        (one.key, one.title, one.state, words.who(one), one.topic, one.team, one.updated_at,
         one.updated_by)
        for one in (line.campaign for line in campaigns.lines())
    ]  # fmt: skip
    return sheet_of(Table("campaigns", "Campaigns", columns, rows))


_DELIVERY: Mapping[str, type] = {
    "Delivery": str, "Created": datetime, "State": str, "Recipient": str, "Topic": str,
    "Channel": str, "Step": str, "Reason": str, "Why": str, "Due": datetime, "Attempts": int,
    "Sent": datetime, "Settled": datetime, "Test": bool,
}  # fmt: skip


def _deliveries(by: UUID, asked: Asked, now: datetime) -> Sheet:
    """The deliveries that the filters of their page mean."""
    wanted = asking.wanted(asked, all_channels(), now)
    return Sheet(_DELIVERY, _pages(by, replace(wanted, limit=_AT_ONCE)))


def _pages(by: UUID, wanted: Wanted) -> Iterator[Rows]:
    """All that are meant; whether one may go on is asked again with each page."""
    rest: Wanted | None = wanted
    while rest is not None:
        try:
            with acting(by, Permission.SEE) as act:
                found = act.tx.run(history.deliveries(rest))
        except NotAllowedError:
            return
        yield [_row(line) for line in found]
        last = Position(found[-1].created_at, found[-1].delivery_id) if found else None
        rest = replace(rest, before=last) if len(found) == rest.limit else None


def _row(line: DeliveryLine) -> Sequence[str | int | bool | datetime | None]:
    return (
        str(line.delivery_id), line.created_at, line.state, line.recipient_id, line.topic,
        line.channel, line.step, line.why, sentence(line.why), line.due_at, line.attempts,
        line.sent_at, line.settled_at, line.test,
    )  # fmt: skip


EXPORTS = (
    Export("campaign", Permission.SEE_CAMPAIGNS, ("campaign", "table"), _campaign),
    Export("campaigns", Permission.SEE_CAMPAIGNS, (), _campaigns),
    Export("deliveries", Permission.SEE, asking.FILTERS, _deliveries),
)


def _begin(by: UUID, export: Export, kind: str, asked: Asked) -> Sheet:
    """What is asked for; that somebody took it along is in the audit first.

    What there is not is no export, so it is looked for before that.
    """
    with acting(by, export.needs) as act:
        now = act.now
    sheet = export.opened(by, asked, now)
    with acting(by, export.needs) as act:
        act.note(f"exported {export.name}", kind, filter=dict(asked))
    return sheet


def _route(export: Export, kind: str) -> Route:
    media, written = _WRITERS[kind]
    headers = {
        "content-disposition": f'attachment; filename="{export.name}.{kind}"',
        "cache-control": "no-store",
    }

    async def serve(request: Request) -> Response:
        given = request.query_params
        asked = {name: given.getlist(name) for name in export.filters if name in given}
        by = UUID(request.headers[PERSON])
        try:
            sheet = await anyio.to_thread.run_sync(_begin, by, export, kind, asked)
        except NotAllowedError as error:
            return PlainTextResponse(str(error), 403)
        except RefusedError as error:
            return PlainTextResponse(str(error), 404)
        return StreamingResponse(written(sheet), headers=headers, media_type=media)

    return Route(f"/export/{export.name}.{kind}", serve, methods=["GET"])


ROUTES = [_route(export, kind) for export in EXPORTS for kind in _WRITERS]
