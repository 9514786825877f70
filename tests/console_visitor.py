"""A browser as far as the sign-in pages need one: keeps cookies, fills in forms as they stand."""

import re
from html import unescape
from urllib.parse import urlsplit

import httpx

from dashboard.door import cookie

COOKIE = cookie.name(secure=False)
_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)
"""So nobody needs to close a visitor."""
_FORM = re.compile(r'<form method="post" action="([^"]*)".*?</form>', re.DOTALL)
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


class ConsoleVisitor:
    """Somebody with a browser of their own; `session` is the token of a session they have."""

    def __init__(self, base: str, session: str = "", **headers: str) -> None:
        self.base = base
        cookies = {COOKIE: session} if session else {}
        self.http = httpx.Client(base_url=base, cookies=cookies, headers=headers, limits=_NONE_KEPT)

    @property
    def session(self) -> str:
        """The token of the session, empty when there is none."""
        return self.http.cookies.get(COOKIE, "")

    @property
    def header(self) -> str:
        """The `Cookie` header that opens a websocket."""
        return f"{COOKIE}={self.session}"

    def fill_in(self, page: str, action: str, **fields: str) -> httpx.Response:
        """Open a page and post a form of it; the page itself where there is no such form."""
        shown = self.http.get(page)
        inside = next((m[0] for m in _FORM.finditer(shown.text) if unescape(m[1]) == action), None)
        if inside is None:
            return shown
        hidden = {unescape(k): unescape(v) for k, v in _FIELD.findall(inside)}
        return self.post(action, {**hidden, **fields})

    def post(self, action: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Post a form as a browser does, or as `headers` say."""
        own = {"Origin": self.base, "Sec-Fetch-Site": "same-origin"}
        return self.http.post(action, data=fields, headers={**own, **headers})

    def use(self, link: str, **fields: str) -> httpx.Response:
        """Open a sign-in link and let its form go."""
        parts = urlsplit(link)
        return self.fill_in(f"{parts.path}?{parts.query}", "/login/link", **fields)

    def sign_in(self, email: str, password: str, page: str = "/login") -> httpx.Response:
        """Give an address and a password."""
        return self.fill_in(page, "/login", email=email, password=password)
