"""`/p/{token}`: looking changes nothing, saving keeps what was changed and nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import structlog
from httpx import Response

from delivery.links import Kind, Link, LinkKeys, Permit, sign, sign_permit
from models import ids
from models.queries.configuring.keys import Scope
from tests.edge import SECRET, Edge, edge_on
from tests.integration.api.test_api_preferences import OFFERS, STEPS, TOPICS, changes
from tests.integration.api.test_api_unsubscribe import ONE_CLICK, is_complete

KEYS = LinkKeys.derive(SECRET)
END = datetime(2100, 1, 1, tzinfo=UTC)
PAGE = f"/p/{sign_permit(Permit('anna', END), KEYS)}"
Fields = list[tuple[str, str]]


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        for statement in (TOPICS, STEPS, OFFERS):
            await edge.change(statement)
        yield edge


def fields_in(page: str) -> Fields:
    """What a browser would send from the last form of a page, untouched."""
    form = page[page.rindex("<form") :]
    found = []
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = (
            unescape(re.search(rf'{key}="([^"]*)"', tag)[1])  # type: ignore[index]
            for key in ("name", "value")
        )
        if 'type="hidden"' in tag or " checked" in tag:
            found.append((name, value))
    return found


async def look(edge: Edge, **headers: str) -> str:
    response = await edge.http.get(PAGE, headers=headers)
    assert response.status_code == 200
    assert is_complete(response)
    return response.text


async def post(edge: Edge, fields: Fields, path: str = PAGE, **headers: str) -> Response:
    sent: dict[str, list[str]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    response = await edge.http.post(path, data=sent, headers=headers)
    assert is_complete(response)
    return response


def without(fields: Fields, *values: str) -> Fields:
    """Some boxes emptied."""
    return [field for field in fields if field not in [("on", value) for value in values]]


def paused(fields: Fields, value: str) -> Fields:
    return [*(field for field in fields if field[0] != "pause"), ("pause", value)]


async def test_looking_changes_nothing_and_says_whose_word_counts(edge: Edge):
    for method in ("GET", "HEAD", "OPTIONS"):
        assert (await edge.http.request(method, PAGE)).status_code in {200, 204}
    shown = await look(edge)
    assert "Rarely." in shown
    assert "Our default" in shown
    assert "Always on" in shown
    assert "anna" not in shown, "whoever it was forwarded to learns nothing"
    assert 'value="email invoices"' not in shown, "nobody is asked about what is mandatory"
    ticked = [value for name, value in fields_in(shown) if name == "on"]
    assert ticked == ["email *", "in_app *", "email boards", "in_app boards"]
    assert await changes(edge) == []


async def test_saves_what_was_changed_and_nothing_else(edge: Edge):
    fields = fields_in(await look(edge))
    untouched = await post(edge, fields)
    assert "Nothing was changed" in untouched.text
    assert await changes(edge) == []
    saved = await post(edge, [*without(fields, "email boards"), ("on", "email offers")])
    assert saved.status_code == 200
    assert "Saved" in saved.text
    assert "Boards" in saved.text
    assert await changes(edge) == [
        ("boards", "email", False, "recipient", "preference_centre"),
        ("offers", "email", True, "recipient", "preference_centre"),
    ]


async def test_the_same_form_twice_is_the_same_as_once(edge: Edge):
    fields = paused(without(fields_in(await look(edge)), "email boards"), "mute")
    one, two = [await post(edge, fields) for _ in range(2)]
    assert one.text == two.text
    assert len(await changes(edge)) == 2


async def test_two_windows_change_what_they_touched_and_the_last_word_counts(edge: Edge):
    fields = fields_in(await look(edge))
    await post(edge, without(fields, "email boards"))
    await post(edge, without(fields, "in_app boards"))
    places = [("boards", "email", False), ("boards", "in_app", False)]
    assert [place[:3] for place in await changes(edge)] == places
    await post(edge, [*fields_in(await look(edge)), ("on", "email boards")])
    await post(edge, without(fields, "email boards"))
    assert [place[2] for place in await changes(edge)] == [False, False, True, False], "the last"


async def test_many_who_save_at_once_leave_one_history(edge: Edge):
    fields = without(fields_in(await look(edge)), "email boards")
    await asyncio.gather(*(post(edge, fields) for _ in range(5)))
    assert len(await changes(edge)) == 1


async def test_what_was_saved_can_be_taken_back(edge: Edge):
    first = fields_in(await look(edge))
    saved = await post(edge, paused(without(first, "email boards", "in_app *"), "mute"))
    for _ in range(2):
        undone = await post(edge, fields_in(saved.text))
        assert "Undone" in undone.text
    assert await edge.select("SELECT * FROM preferences") == []
    assert fields_in(await look(edge)) == first


async def test_taking_back_gives_an_own_word_back(edge: Edge):
    await post(edge, without(fields_in(await look(edge)), "email boards"))
    saved = await post(edge, [*fields_in(await look(edge)), ("on", "email boards")])
    await post(edge, fields_in(saved.text))
    found = await edge.select("SELECT category, channel, allowed FROM preferences")
    assert [tuple(row) for row in found] == [("boards", "email", False)]


async def stored(edge: Edge) -> list[tuple[Any, ...]]:
    found = await edge.select("SELECT category, channel, allowed, until FROM preferences")
    return [tuple(row) for row in found]


async def test_pauses_until_the_moment_it_offered_and_resumes(edge: Edge):
    shown = await look(edge)
    week = re.findall(r'value="(2[^"]+)"', shown)[1]
    saved = await post(edge, paused(fields_in(shown), week))
    assert "Paused until" in saved.text
    assert await stored(edge) == [("*", "*", False, datetime.fromisoformat(week))]
    again = await look(edge)
    assert f'value="{week}" checked' in again
    await post(edge, paused(fields_in(again), "none"))
    assert await stored(edge) == []


async def test_everything_or_a_channel_can_be_turned_off_and_on(edge: Edge):
    fields = fields_in(await look(edge))
    await post(edge, paused(without(fields, "email *"), "mute"))
    rows = [("*", "*", False, None), ("*", "email", False, None)]
    assert sorted(await stored(edge)) == rows
    shown = await look(edge)
    assert 'value="mute" checked' in shown
    assert 'value="email boards" checked' in shown, "what was chosen below is not lost"
    await post(edge, [*paused(fields_in(shown), "none"), ("on", "email *")])
    assert await stored(edge) == []


async def test_what_went_wrong_is_told_and_what_was_chosen_stays_ticked(edge: Edge):
    fields = fields_in(await look(edge))
    await edge.change("DELETE FROM topic_steps WHERE topic = 'offer'")
    await edge.change("DELETE FROM topics WHERE topic = 'offer'")
    await edge.change("DELETE FROM categories WHERE category = 'offers'")
    over = paused(without(fields, "email boards"), "2026-01-01T00:00:00+00:00")
    answer = await post(edge, [*over, ("on", "email offers")])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "offers" in answer.text
    assert "end of the pause is over" in answer.text
    assert await changes(edge) == []
    again = fields_in(answer.text)
    assert ("on", "email boards") not in again
    await post(edge, paused(again, "none"))
    assert [place[:3] for place in await changes(edge)] == [("boards", "email", False)]


BAD: list[Fields] = [
    [("shown", "default on email")],
    [("shown", "perhaps on email boards")],
    [("set", "email boards")],
    [("on", "email")],
    [("pause", "tomorrow")],
    [("pause", "2030-01-01T00:00:00")],
    [("pause", "none"), ("pause", "mute")],
    [("set", "off email bo\0ards")],
    [("set", "off pigeon boards")],
]


NO_FORMS = ["multipart/form-data; boundary=x", "multipart/form-data", "text/plain"]


async def test_what_no_page_of_ours_sends_changes_nothing(edge: Edge):
    for fields in BAD:
        assert (await post(edge, fields)).status_code in {400, 422}, fields
    for kind in NO_FORMS:
        headers = {"content-type": kind}
        response = await edge.http.post(PAGE, content=b"--y\r\n\xff", headers=headers)
        assert response.status_code in {200, 400}
        assert is_complete(response)
    large = await edge.http.post(PAGE, data={"set": "x" * 2_000_000})
    assert large.status_code == 400
    assert is_complete(large)
    assert await changes(edge) == []


UNKNOWN = [
    PAGE[3:-2],
    PAGE[3:] + "A",
    PAGE[3:20] + ("B" if PAGE[20] == "A" else "A") + PAGE[21:],
    "nonsense",
    "x" * 20_000,
    "%ff%fe",
    sign(Kind.UNSUBSCRIBE, Link("anna", "boards", "email"), KEYS),
    sign_permit(Permit("anna", END), LinkKeys.derive(b"somebody else's secret, long enough too")),
]


async def test_a_wrong_token_opens_nothing_and_is_written_down_nowhere(edge: Edge):
    for token in UNKNOWN:
        with structlog.testing.capture_logs() as lines:
            looked = await edge.http.get(f"/p/{token}")
            for answer in (looked, await post(edge, [("pause", "mute")], f"/p/{token}")):
                assert answer.status_code == 404, token
                assert is_complete(answer)
                assert "Open it from the message" in answer.text
        assert token not in str(lines)
        refused = [line["trouble"] for line in lines if line["event"] == "page.refused"]
        assert refused == ["unknown"] * 2
    assert await changes(edge) == []


async def test_a_link_ends_and_says_where_there_is_another(edge: Edge):
    now = (await edge.database.tell_time()).replace(microsecond=0)
    for until, status in ((now, 410), (now + timedelta(minutes=1), 200)):
        path = f"/p/{sign_permit(Permit('anna', until), KEYS)}"
        assert (await edge.http.get(path)).status_code == status
        answer = await post(edge, [("set", "off email boards")], path)
        assert answer.status_code == status
        assert ("newer message" in answer.text) == (status == 410)
    assert len(await changes(edge)) == 1


async def test_links_of_an_older_key_are_honoured_while_it_is_named(database_url: str):
    old = "the secret before this one: long enough"
    path = f"/p/{sign_permit(Permit('anna', END), LinkKeys.derive(old.encode()))}"
    async with edge_on(database_url) as edge:
        assert (await edge.http.get(path)).status_code == 404
    async with edge_on(database_url, old_secret_keys=old) as edge:
        assert (await edge.http.get(path)).status_code == 200


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
]
OURS = [
    {"sec-fetch-site": "same-origin", "origin": "null"},
    {"sec-fetch-site": "none"},
    {"origin": "null"},
    {"origin": "http://edge"},
    {"origin": "https://news.example.com"},
]


async def test_another_sites_page_changes_nothing(database_url: str):
    async with edge_on(database_url, api_url="https://news.example.com") as edge:
        for headers in FOREIGN:
            assert (await post(edge, [("pause", "mute")], PAGE, **headers)).status_code == 403
        assert await changes(edge) == []
        for headers in OURS:
            assert (await post(edge, [("pause", "mute")], PAGE, **headers)).status_code == 200
        assert len(await changes(edge)) == 1


async def test_says_so_when_a_choice_cannot_be_kept():
    async with edge_on("postgresql://nobody@127.0.0.1:9/nothing") as edge:
        for answer in (await edge.http.get(PAGE), await post(edge, [("pause", "mute")])):
            assert answer.status_code == 503
            assert "retry-after" in answer.headers
            assert "try again" in answer.text


async def test_speaks_the_recipients_language_else_the_browsers(edge: Edge):
    assert 'lang="de" dir="ltr"' in await look(edge, **{"accept-language": "pt, de-AT;q=0.5"})
    headers = await edge.bearer(Scope.RECIPIENTS_WRITE)
    profile = {"locale": "ar-EG", "timezone": "Africa/Cairo"}
    await edge.http.put("/v1/recipients/anna", json=profile, headers=headers)
    shown = await look(edge, **{"accept-language": "de"})
    assert 'lang="ar" dir="rtl"' in shown
    unknown = await edge.http.get("/p/x", headers={"accept-language": "ja"})
    assert 'lang="ja"' in unknown.text
    assert unknown.headers["content-language"] == "ja"


async def test_titles_are_told_as_they_are_and_never_as_markup(edge: Edge):
    await edge.change("UPDATE categories SET title = '<script>{x}', description = '\"><b>'")
    shown = await look(edge)
    assert "&lt;script&gt;{x}" in shown
    assert "<b>" not in shown
    saved = await post(edge, [*fields_in(shown), ("on", "email offers")])
    assert "&lt;script&gt;{x}" in saved.text


async def test_the_unsubscribe_page_leads_here_as_long_as_its_mail_does(edge: Edge):
    now = await edge.database.tell_time()
    ends = []
    for days in (399, 401):
        day = (now - timedelta(days=days)).date()
        event = ids.event_id(END_ID, END_ID, day)
        delivery = ids.delivery_id(event, "anna", "email", "email")
        token = sign(Kind.UNSUBSCRIBE, Link("anna", "boards", "email", delivery), KEYS)
        ends.append(re.findall(r'href="(/p/[^"]+)"', (await edge.http.get(f"/u/{token}")).text))
        assert (await edge.http.post(f"/u/{token}", data=ONE_CLICK)).status_code == 200
    [[path], nothing] = ends
    assert nothing == []
    assert (await edge.http.get(path)).status_code == 200


END_ID = ids.UUID(int=1)


async def test_counts_what_changed_by_the_way_it_came(edge: Edge):
    fields = without(fields_in(await look(edge)), "email boards")
    for _ in range(2):
        await post(edge, fields)
    text = (await edge.http.get("/metrics")).text
    assert 'tidings_choices_total{via="preference_centre"} 1.0' in text
    assert 'route="/p/{token}"' in text
    assert PAGE not in text
