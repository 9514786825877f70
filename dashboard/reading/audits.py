"""The audit: a page of it, one entry, and exports, streamed page by page."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from io import StringIO
from uuid import UUID

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboard import access
from dashboard.access import Permission
from dashboard.actions import NotAllowedError, acting
from dashboard.data import database
from dashboard.door.gate import PERSON
from dashboard.showing.audits import FILTERS, veiled, wanted
from delivery.sheets import guarded
from models.queries.console.audit import audit_choices, audit_line, audit_lines, older
from models.readings.audit import AuditLine, AuditWanted

_AT_ONCE = 500


def listed(asked: AuditWanted) -> list[AuditLine]:
    """Entries, newest first."""
    with database().begin() as tx:
        return tx.run(audit_lines(asked))


def one(identifier: UUID) -> AuditLine | None:
    """One entry; `None` when there is none of this id."""
    with database().begin() as tx:
        found = tx.run(audit_line(identifier))
        return found[0] if found else None


def choices() -> tuple[list[str], list[str]]:
    """Who did something, and what was done."""
    with database().begin() as tx:
        return tx.run(audit_choices())


async def as_csv(request: Request) -> Response:
    """What the filters of the URL ask for, as CSV."""
    return await _export(request, "csv", "text/csv", _csv)


async def as_json(request: Request) -> Response:
    """The same as JSON lines: one document an entry."""
    return await _export(request, "jsonl", "application/jsonl", _json)


_Write = Callable[[Iterator[AuditLine]], Iterator[str]]


async def _export(request: Request, kind: str, media: str, write: _Write) -> Response:
    asked = {name: value for name, value in request.query_params.items() if name in FILTERS}
    try:
        begun = await anyio.to_thread.run_sync(_begin, UUID(request.headers[PERSON]), asked, kind)
    except NotAllowedError as error:
        return PlainTextResponse(str(error), 403)
    headers = {
        "content-disposition": f'attachment; filename="audit.{kind}"',
        "cache-control": "no-store",
    }
    return StreamingResponse(write(begun), headers=headers, media_type=f"{media}; charset=utf-8")


def _begin(by: UUID, asked: dict[str, str], kind: str) -> Iterator[AuditLine]:
    """What is asked for; that somebody took it along is in the audit first."""
    with acting(by, Permission.SEE_AUDIT) as act:
        act.note("exported the audit", kind, **asked)
        personal = Permission.SEE_PERSONAL in access.permissions(act.by.roles)
        return _entries(
            by,
            replace(wanted(asked, act.now, personal=personal), limit=_AT_ONCE),
            personal=personal,
        )


def _entries(by: UUID, asked: AuditWanted, *, personal: bool) -> Iterator[AuditLine]:
    """All entries; whether one may go on is asked again with each page."""
    rest: AuditWanted | None = asked
    while rest is not None:
        try:
            with acting(by, Permission.SEE_AUDIT) as act:
                found = act.tx.run(audit_lines(rest))
        except NotAllowedError:
            return
        yield from (veiled(line, personal=personal) for line in found)
        rest = older(rest, found)


def _json(entries: Iterator[AuditLine]) -> Iterator[str]:
    for line in entries:
        yield json.dumps(asdict(line), default=str, ensure_ascii=False) + "\n"


def _csv(entries: Iterator[AuditLine]) -> Iterator[str]:
    yield _row([each.name for each in fields(AuditLine)])
    for line in entries:
        yield _row([guarded(_cell(value)) for value in asdict(line).values()])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _row(cells: list[str]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


ROUTES = [
    Route("/export/audit.csv", as_csv, methods=["GET"]),
    Route("/export/audit.jsonl", as_json, methods=["GET"]),
]
