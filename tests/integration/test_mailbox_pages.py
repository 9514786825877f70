"""The mailbox in a browser and as JSON: whatever a mail holds, it stays text."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from scheduler.mailbox import Mailbox, Places
from scheduler.mailbox.pages import TABS
from scheduler.mailbox.store import Arrival

EVIL = "<script>alert('owned')</script>"
MAIL = (
    "From: Courier <news@x.test>\r\nTo: anna@x.test\r\n"
    f"Subject: {EVIL}\r\nX-Odd: =?utf-8?q?=3Cb=3E?= =?nope?q?x?=\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="m"\r\n\r\n'
    '--m\r\nContent-Type: multipart/alternative; boundary="a"\r\n\r\n'
    "--a\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nplain ü <b>\r\n"
    "--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    f"<html><head></head><body>html ü {EVIL}</body></html>\r\n--a--\r\n"
    f'--m\r\nContent-Type: image/png; name="a{EVIL}b"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    "AAAA\r\n--m--\r\n"
).encode()


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    async with Mailbox(Places(tmp_path, smtp_port=0, http_port=0)) as running:
        yield running


@pytest.fixture
async def browser(mailbox: Mailbox) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=mailbox.http_url) as client:
        yield client


def keep(mailbox: Mailbox, to: str = "anna@x.test", raw: bytes = MAIL, subject: str = EVIL) -> int:
    return mailbox.store.add(Arrival("b@x.test", (to,), subject, 1_795_000_000.0, raw)).id


async def test_lists_the_newest_first_and_pages(mailbox: Mailbox, browser: httpx.AsyncClient):
    for number in range(120):
        keep(mailbox, f"r{number}@x.test", subject=f"subject {number}")
    page = (await browser.get("/")).text
    assert page.index("r119@") < page.index("r70@")
    assert "r69@" not in page
    assert "120 messages" in page
    older = (await browser.get("/?before=71")).text
    assert "r69@" in older
    assert "r70@" not in older
    found = (await browser.get("/?q=R11")).text
    assert "11 of 120" in found


async def test_shows_a_mail_in_every_form(mailbox: Mailbox, browser: httpx.AsyncClient):
    number = keep(mailbox)
    html = (await browser.get(f"/{number}")).text
    assert f'src="/messages/{number}/html"' in html
    assert "plain ü &lt;b&gt;" in (await browser.get(f"/{number}?tab=text")).text
    assert "Courier &lt;news@x.test&gt;" in (await browser.get(f"/{number}?tab=headers")).text
    assert "multipart/alternative" in (await browser.get(f"/{number}?tab=raw")).text
    assert (await browser.get(f"/messages/{number}/raw")).content == MAIL


@pytest.mark.parametrize(
    "path", ["/", "/1", "/1?tab=text", "/1?tab=headers", "/1?tab=raw", "/?q=" + EVIL]
)
async def test_nothing_of_a_mail_becomes_markup(
    mailbox: Mailbox, browser: httpx.AsyncClient, path: str
):
    keep(mailbox, to=f"{EVIL}@x.test")
    page = await browser.get(path)
    assert page.status_code == 200
    assert EVIL not in page.text
    assert "&lt;script&gt;" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_the_html_of_a_mail_is_caged(mailbox: Mailbox, browser: httpx.AsyncClient):
    answer = await browser.get(f"/messages/{keep(mailbox)}/html")
    assert '<head><base target="_blank">' in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy


async def test_gives_everything_as_json(mailbox: Mailbox, browser: httpx.AsyncClient):
    keep(mailbox)
    keep(mailbox, "bo@x.test")
    listing = (await browser.get("/messages", params={"to": "ANNA", "limit": 5})).json()
    assert listing["count"] == 1
    assert listing["messages"] == [
        {
            "id": 1,
            "received_at": "2026-11-18T11:06:40.000+00:00",
            "from": "b@x.test",
            "to": ["anna@x.test"],
            "subject": EVIL,
            "size": len(MAIL),
        }
    ]
    message = (await browser.get("/messages/1")).json()
    assert message["text"] == "plain ü <b>"
    assert message["html"].startswith("<html>")
    assert ["X-Odd", "=?utf-8?q?=3Cb=3E?= =?nope?q?x?="] in message["headers"]
    assert message["attachments"] == [[f"a{EVIL}b", "image/png", 3]]
    assert (await browser.get("/count")).json() == {"count": 2, "newest": 2}


async def test_deletes_everything(mailbox: Mailbox, browser: httpx.AsyncClient):
    keep(mailbox)
    assert (await browser.delete("/messages")).json() == {"deleted": 1}
    assert "No mail yet" in (await browser.get("/")).text
    assert (await browser.get("/count")).json() == {"count": 0, "newest": 1}


@pytest.mark.parametrize(
    "path", ["/7", "/messages/7", "/messages/7/raw", "/messages/7/html", "/no"]
)
async def test_what_is_not_there_is_404(browser: httpx.AsyncClient, path: str):
    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("query", ["limit=x", "before=-1", "limit=" + "9" * 99])
async def test_a_number_that_is_none_is_400(browser: httpx.AsyncClient, query: str):
    assert (await browser.get(f"/messages?{query}")).status_code == 400


async def test_answers_nobody_who_calls_it_by_a_strange_name(browser: httpx.AsyncClient):
    assert (await browser.get("/messages", headers={"host": "evil.test"})).status_code == 400


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"no headers at all",
        b"Subject: =?utf-8?b?////?=\r\n\r\nx",
        b"Subject: \xff\xfe\r\nContent-Type: text/html; charset=nope\r\n\r\n\xff",
        b"Content-Type: multipart/alternative\r\n\r\nno boundary",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\nContent-Type: ;;\r\n",
        b"Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain\r\n\r\ninner",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!",
        b"Content-Type: text/plain; name*=nope''%ff; charset=\"\x00\"\r\n\r\nx",
        b"\x00\x01\x02\r\n: \r\n\r\n",
        b"From: \xed\xa0\x80\r\n" * 50 + b"\r\n",
    ],
)
async def test_shows_broken_mail_too(mailbox: Mailbox, browser: httpx.AsyncClient, raw: bytes):
    number = keep(mailbox, raw=raw, subject="")
    for tab in TABS:
        assert (await browser.get(f"/{number}?tab={tab}")).status_code == 200
    assert json.loads((await browser.get(f"/messages/{number}")).text)["id"] == number
