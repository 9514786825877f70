"""Tables that people take along: who may, what of it, and that it is in the audit first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from dashboard.door.gate import PERSON
from dashboard.reading import sheets
from dashboard.showing import asked
from dashboard.showing.asked import Asked
from dashboard.showing.files import Sheet, as_csv, as_parquet

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


EXPORTS = (
    Export("campaign", Permission.SEE_CAMPAIGNS, ("campaign", "table"), sheets.campaign),
    Export("campaigns", Permission.SEE_CAMPAIGNS, (), sheets.campaigns),
    Export("deliveries", Permission.SEE, asked.FILTERS, sheets.deliveries),
    Export("keys", Permission.MANAGE_KEYS, (), sheets.keys),
    Export("members", Permission.SEE_AUDIENCES, ("audience",), sheets.members),
    Export("people", Permission.MANAGE_PEOPLE, (), sheets.people),
)


def _begin(by: UUID, export: Export, kind: str, wanted: Asked) -> Sheet:
    """What is asked for; that somebody took it along is in the audit first.

    What there is not is no export, so it is looked for before that.
    """
    with acting(by, export.needs) as act:
        now = act.now
    sheet = export.opened(by, wanted, now)
    with acting(by, export.needs) as act:
        act.note(f"exported {export.name}", kind, filter=dict(wanted))
    return sheet


def _route(export: Export, kind: str) -> Route:
    media, written = _WRITERS[kind]
    headers = {
        "content-disposition": f'attachment; filename="{export.name}.{kind}"',
        "cache-control": "no-store",
    }

    async def serve(request: Request) -> Response:
        given = request.query_params
        wanted = {name: given.getlist(name) for name in export.filters if name in given}
        by = UUID(request.headers[PERSON])
        try:
            sheet = await anyio.to_thread.run_sync(_begin, by, export, kind, wanted)
        except NotAllowedError as error:
            return PlainTextResponse(str(error), 403)
        except RefusedError as error:
            return PlainTextResponse(str(error), 404)
        return StreamingResponse(written(sheet), headers=headers, media_type=media)

    return Route(f"/export/{export.name}.{kind}", serve, methods=["GET"])


ROUTES = [_route(export, kind) for export in EXPORTS for kind in _WRITERS]
