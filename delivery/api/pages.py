"""Pages for people's browsers: small, complete, and asking nothing of anybody else."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from delivery.api.words import Words, speaking
from models.records import Profile

_FOLDER = Path(__file__).parent / "html"
_STYLE = (_FOLDER / "style.css").read_text()
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_PAGES = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
UNSEEN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Of every answer at an address that holds a token: nobody else learns it, or what is there."""
_HEADERS = {
    **UNSEEN,
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "Vary": "Accept-Language",
}


def words_for(request: Request, profile: Profile | None = None) -> Words:
    """The words for whoever looks: by their profile, else as their browser asks."""
    locale = None if profile is None else profile.locale
    return speaking(locale, request.headers.get("accept-language"))


def page(name: str, words: Words, status: int = 200, **content: Any) -> HTMLResponse:
    """A filled page; its address is told to nobody, for it may hold a token."""
    html = _PAGES.get_template(name).render(style=_STYLE, words=words, say=words.say, **content)
    return HTMLResponse(html, status, {**_HEADERS, "Content-Language": words.tag})
