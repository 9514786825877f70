"""The mailbox in a browser and as JSON. Mail is hostile: nothing of it runs or calls home."""

from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from scheduler.mailbox.guard import MAIL_POLICY, Guard
from scheduler.mailbox.letters import Letter, framed, read_letter
from scheduler.mailbox.store import Entry, Search, Store

_HERE = Path(__file__).parent
_A_PAGE = 50
_MOST = 500
"""Messages a page or an answer holds, unless asked and at most."""
_LONGEST_NUMBER = 15

TABS = ("html", "text", "headers", "raw")


class Pages:
    """One function an address; `app` is the ASGI application."""

    def __init__(self, store: Store, smtp: str) -> None:
        self._store = store
        self._smtp = smtp
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True,
            lstrip_blocks=True,
        )  # fmt: skip
        self._templates.filters.update(moment=_moment, size=_size)

    def app(self, hosts: list[str]) -> ASGIApp:
        """The application, for requests that name one of these hosts."""
        routes = [
            Route("/", self.inbox),
            Route("/{id:int}", self.letter),
            Route("/count", self.count),
            Route("/messages", self.listing, methods=["GET"]),
            Route("/messages", self.clear, methods=["DELETE"]),
            Route("/messages/{id:int}", self.message),
            Route("/messages/{id:int}/raw", self.raw),
            Route("/messages/{id:int}/html", self.html),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ]
        # Other sites must not read the mail by pointing a name of theirs at this address.
        trusted = Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False)
        return Starlette(routes=routes, middleware=[Middleware(Guard), trusted])

    async def inbox(self, request: Request) -> Response:
        """The list, newest first."""
        search = _search(request)
        entries = self._store.find(search)
        filtered = bool(search.text or search.to)
        return self._page(
            "inbox.html",
            entries=entries,
            search=search,
            found=self._store.count(replace(search, before=None)) if filtered else len(self._store),
            older=entries[-1].id if len(entries) == search.limit else None,
        )

    async def letter(self, request: Request) -> Response:
        """One message, one of its tabs."""
        entry = self._entry(request)
        raw = self._store.raw(entry)
        letter = read_letter(raw)
        return self._page(
            "letter.html",
            entry=entry,
            letter=letter,
            tabs=TABS,
            tab=_tab(request, letter),
            raw=raw.decode("utf-8", "replace"),
            newer=self._store.get(entry.id + 1),
            older=self._store.get(entry.id - 1),
        )

    async def count(self, _: Request) -> Response:
        """How many messages there are, and the id of the newest: cheap to ask often."""
        return JSONResponse({"count": len(self._store), "newest": self._store.newest})

    async def listing(self, request: Request) -> Response:
        """The list as JSON."""
        search = _search(request)
        found = [_summary(entry) for entry in self._store.find(search)]
        return JSONResponse(
            {"count": self._store.count(replace(search, before=None)), "messages": found}
        )

    async def message(self, request: Request) -> Response:
        """One message as JSON."""
        entry = self._entry(request)
        letter = read_letter(self._store.raw(entry))
        return JSONResponse(_summary(entry) | asdict(letter))

    async def raw(self, request: Request) -> Response:
        """One message, octet by octet as it came."""
        entry = self._entry(request)
        disposition = {"content-disposition": f'attachment; filename="{entry.id}.eml"'}
        return Response(self._store.raw(entry), 200, disposition, "message/rfc822")

    async def html(self, request: Request) -> Response:
        """The HTML part of one message, caged: what the page's frame shows."""
        letter = read_letter(self._store.raw(self._entry(request)))
        if letter.html is None:
            raise HTTPException(404, "This message has no HTML part.")
        return HTMLResponse(framed(letter.html), headers={"content-security-policy": MAIL_POLICY})

    async def clear(self, _: Request) -> Response:
        """Remove every message."""
        return JSONResponse({"deleted": self._store.clear()})

    def _entry(self, request: Request) -> Entry:
        entry = self._store.get(request.path_params["id"])
        if entry is None:
            raise HTTPException(404, "There is no such message; it may have been pruned.")
        return entry

    def _page(self, name: str, **values: Any) -> Response:
        template = self._templates.get_template(name)
        return HTMLResponse(template.render(smtp=self._smtp, total=len(self._store), **values))


def _search(request: Request) -> Search:
    asked = request.query_params
    return Search(
        text=asked.get("q", ""),
        to=asked.get("to", ""),
        before=_number(asked.get("before")),
        limit=min(_number(asked.get("limit")) or _A_PAGE, _MOST),
    )


def _number(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER):
        raise HTTPException(400, "before and limit are whole numbers.")
    return int(text)


def _tab(request: Request, letter: Letter) -> str:
    wish = request.query_params.get("tab", "html")
    if wish == "html" and letter.html is None:
        return "text"
    return wish if wish in TABS else "html"


def _summary(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "received_at": _moment(entry.received_at),
        "from": entry.sender,
        "to": entry.recipients,
        "subject": entry.subject,
        "size": entry.size,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _size(octets: int) -> str:
    return f"{octets / 1024:.1f} KB" if octets < 1024 * 1024 else f"{octets / 1024**2:.1f} MB"
