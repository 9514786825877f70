"""A mail in a browser: the very mail, for whoever holds its link, as long as it is kept."""

import re
from collections.abc import AsyncIterator

import pytest
from httpx import Response

from delivery.links import LinkKeys, sign_view
from models.ids import delivery_id
from models.records import DigestKind, read_digest
from scheduler.sending import digests
from tests.edge import Edge, edge_on
from tests.integration.test_mail_extras import mails
from tests.pipeline import SECRET, Pipeline

WORDS = (
    '{{ data.board }} <a href="https://example.com/x?a=1&amp;b=2">open</a>'
    ' <a href="{{ links.browser }}">view</a> <a href="{{ links.preferences }}">choose</a>'
)
FORGET = {
    "its context": "UPDATE deliveries SET context = NULL",
    "its hash": r"UPDATE deliveries SET content_hash = '\x00'",
    "its words": "DELETE FROM template_texts",
    "its secrecy": "UPDATE topics SET sensitive = true",
}


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url, key=SECRET.encode()) as edge:
        yield edge


async def sent(pipeline: Pipeline, **data: str) -> tuple[str, str]:
    """The HTML of a mail that was sent, and the path of its link to a browser."""
    await pipeline.topic("news", channels=("email",), words=WORDS, track_clicks=True)
    pipeline.people("anna")
    await pipeline.run(pipeline.emit("news", data={"board": "Roadmap", **data}))
    (mail,) = mails(pipeline)
    body = mail.get_body(("html",))
    assert body is not None
    html = body.get_content()
    (path,) = re.findall(r"http://localhost:8080(/v/[\w-]+)", html)
    return html, path


def without_links(html: str) -> str:
    return re.sub(r'href="[^"]*"', "href", html.replace("\r\n", "\n")).strip()


def is_private(response: Response) -> None:
    """Nobody else learns of it, and nothing in it acts."""
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'none'" in policy or "form-action 'self'" in policy
    for name, value in {
        "x-robots-tag": "noindex", "cache-control": "no-store", "referrer-policy": "no-referrer",
    }.items():  # fmt: skip
        assert response.headers[name] == value


@pytest.mark.parametrize("length", [1, 5_000])
async def test_shows_the_very_mail_apart_from_its_links(
    pipeline: Pipeline, edge: Edge, length: int
):
    html, path = await sent(pipeline, more="x" * length)
    shown = await edge.http.get(path)
    assert shown.status_code == 200
    assert without_links(shown.text) == without_links(html)
    is_private(shown)
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "allow-scripts" not in shown.headers["content-security-policy"]
    assert 'href="https://example.com/x?a=1&amp;b=2"' in shown.text, "nothing is counted there"
    assert re.findall(r"/[puv]/[\w-]{30,}", shown.text) == [], "and nobody acts for her"
    assert (await edge.http.head(path)).status_code == 200


@pytest.mark.parametrize("what", FORGET)
async def test_what_is_no_longer_kept_is_said_to_be_so(pipeline: Pipeline, edge: Edge, what: str):
    _, path = await sent(pipeline)
    pipeline.run_sql(FORGET[what])
    gone = await edge.http.get(path, headers={"Accept-Language": "de"})
    assert (gone.status_code, "nicht mehr aufbewahrt" in gone.text) == (410, True)
    is_private(gone)


async def test_a_link_that_nobody_signed_shows_nothing(pipeline: Pipeline, edge: Edge):
    _, path = await sent(pipeline)
    identifier = pipeline.value("SELECT delivery_id FROM deliveries")
    forged = f"/v/{sign_view(identifier, LinkKeys.derive(b'another secret of some length'))}"
    for wrong in (forged, path[:-1], "/v/x"):
        assert (await edge.http.get(wrong)).status_code == 404
    dropped = delivery_id(pipeline.value("SELECT event_id FROM events"), "bo", "email", "email")
    unkept = f"/v/{sign_view(dropped, LinkKeys.derive(SECRET.encode()))}"
    assert (await edge.http.get(unkept)).status_code == 410


async def test_a_digest_is_shown_with_all_that_it_told_of(pipeline: Pipeline, edge: Edge):
    rule = read_digest({"kind": str(DigestKind.FIXED), "steps": ["email"], "wait": "1h"})
    words = "{% for item in items %}{{ item.data.board }} {% endfor %}{{ links.browser }}"
    await pipeline.topic("news", channels=("email",), words=words, digest=rule)
    pipeline.people("anna")
    more = "x" * 3_000
    await pipeline.run(*(pipeline.emit("news", data={"board": b, "m": more}) for b in "AB"))
    await pipeline.send()
    pipeline.travel(hours=2)
    await digests.close(pipeline.runtime)
    await pipeline.send()
    (mail,) = mails(pipeline)
    body = mail.get_body(("html",))
    assert body is not None
    (path,) = re.findall(r"http://localhost:8080(/v/[\w-]+)", body.get_content())
    assert "A B" in (await edge.http.get(path)).text
