"""Lists as files: streamed page by page, masked for those who may not see addresses, audited."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard import access, data, settings
from dashboard.access import Permission
from dashboard.changing import stops
from dashboard.changing.stops import SuppressionsWanted
from dashboard.door.gate import PERSON
from dashboard.reading import people
from dashboard.showing import stoplist
from delivery.consent.suppressing import EXPORTED, exported
from delivery.registry import all_channels

_AT_ONCE = 2000


async def suppressions(request: Request) -> Response:
    """The suppressions that the filters of the URL ask for, as CSV."""
    by = UUID(request.headers[PERSON])
    asked = {
        name: value for name, value in request.query_params.items() if name in stoplist.FILTERS
    }
    try:
        wanted, personal = await anyio.to_thread.run_sync(_begin, by, asked)
    except stops.NotAllowedError as error:
        return PlainTextResponse(str(error), 403)
    headers = {
        "content-disposition": 'attachment; filename="suppressions.csv"',
        "cache-control": "no-store",
    }
    lines = _lines(wanted, personal=personal)
    return StreamingResponse(lines, headers=headers, media_type="text/csv; charset=utf-8")


def _begin(by: UUID, asked: dict[str, str]) -> tuple[SuppressionsWanted, bool]:
    """What is asked for, and whether with whole addresses; who exports is in the audit first."""
    about = {name: value for name, value in asked.items() if name != "address"}
    stops.exporting(by, about)
    person = people.person(by)
    personal = person is not None and Permission.SEE_PERSONAL in access.permissions(person.roles)
    known = all_channels(), settings.pseudonyms()
    wanted = stoplist.wanted(asked, data.now(), known, personal=personal)
    return replace(wanted, limit=_AT_ONCE), personal


def _lines(wanted: SuppressionsWanted, *, personal: bool) -> Iterator[str]:
    yield _csv([list(EXPORTED)])
    for page in stops.pages(wanted):
        yield _csv(
            [exported(line, stoplist.shown(line.address, personal=personal)) for line in page]
        )


def _csv(rows: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


ROUTES = [Route("/export/suppressions.csv", suppressions, methods=["GET"])]
