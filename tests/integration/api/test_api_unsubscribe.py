"""One-click unsubscribe (RFC 8058): only POST acts, once is as good as twice."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from httpx import Response
from pydantic import SecretStr, ValidationError

from delivery.api.access import feed_key, feed_token
from delivery.links import Kind, Link, LinkKeys, Permit, sign, sign_permit
from delivery.settings import DeliverySettings
from models.queries.configuring.keys import Scope
from tests.edge import SECRET, Edge, edge_on

ANNA = Link("anna", "board_news", "email")
TOKEN = sign(Kind.UNSUBSCRIBE, ANNA, LinkKeys.derive(SECRET))
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def chosen(edge: Edge) -> list[tuple[object, ...]]:
    found = await edge.select(
        "SELECT recipient_id, category, channel, allowed, changed_by FROM preferences"
    )
    return [tuple(row) for row in found]


def is_complete(response: Response) -> bool:
    """A page that asks nothing of anybody and tells nobody its address."""
    outside = re.findall(
        r"""(?:src|href|action)=["']?(?:https?:)?//|<script|@import""", response.text
    )
    return (
        outside == []
        and "default-src 'none'" in response.headers["content-security-policy"]
        and "frame-ancestors 'none'" in response.headers["content-security-policy"]
        and response.headers["referrer-policy"] == "no-referrer"
        and response.headers["cache-control"] == "no-store"
        and "set-cookie" not in response.headers
    )


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_looking_changes_nothing(edge: Edge, method: str):
    for _ in range(3):
        response = await edge.http.request(method, f"/u/{TOKEN}")
        assert response.status_code in {200, 204}
    assert await chosen(edge) == []


async def test_the_page_says_what_will_be_turned_off(edge: Edge):
    await edge.change(
        """
        INSERT INTO topics (topic, title, category, class, dedup_window, mandatory, sensitive,
                            updated_at)
        VALUES ('a', 'A <shared> board', 'board_news', 'promotional', '7 d', false, false, now()),
               ('b', 'New password', 'board_news', 'critical', '7 d', true, true, now())
        """
    )
    response = await edge.http.get(f"/u/{TOKEN}")
    assert response.status_code == 200
    assert is_complete(response)
    assert "e-mail" in response.text
    assert "board news" in response.text
    assert "A &lt;shared&gt; board" in response.text
    assert "password" not in response.text, "what is mandatory is not turned off"
    assert "anna" not in response.text, "whoever it was forwarded to learns nothing"


async def test_one_click_turns_it_off_at_once(edge: Edge):
    response = await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)
    assert response.status_code == 200
    assert is_complete(response)
    assert await chosen(edge) == [("anna", "board_news", "email", False, "one-click")]


async def test_takes_a_multipart_form_as_well(edge: Edge):
    boundary = "----x"
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    body += f"One-Click\r\n--{boundary}--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    response = await edge.http.post(f"/u/{TOKEN}", content=body, headers=headers)
    assert response.status_code == 200
    assert len(await chosen(edge)) == 1


async def test_a_second_click_changes_nothing(edge: Edge):
    await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)
    before = await edge.select("SELECT * FROM preferences")
    assert (await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)).status_code == 200
    assert await edge.select("SELECT * FROM preferences") == before


async def test_it_can_be_turned_on_again(edge: Edge):
    off = await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)
    assert 'name="action" value="resubscribe"' in off.text
    back = await edge.http.post(f"/u/{TOKEN}", data={"action": "resubscribe"})
    assert back.status_code == 200
    assert "turned on again" in back.text
    assert await chosen(edge) == [("anna", "board_news", "email", True, "one-click")]


async def test_the_page_shows_what_is_off_already(edge: Edge):
    await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)
    assert "Turn it on again" in (await edge.http.get(f"/u/{TOKEN}")).text


@pytest.mark.parametrize("form", [{}, {"List-Unsubscribe": "Two-Clicks"}, {"action": "delete"}])
async def test_a_post_that_says_neither_changes_nothing(edge: Edge, form: dict[str, str]):
    response = await edge.http.post(f"/u/{TOKEN}", data=form)
    assert response.status_code == 400
    assert is_complete(response)
    assert await chosen(edge) == []


@pytest.mark.parametrize(
    "token",
    [
        TOKEN[:-2],
        TOKEN + "A",
        "nonsense",
        sign_permit(Permit("anna", datetime.max.replace(tzinfo=UTC)), LinkKeys.derive(SECRET)),
        sign(Kind.UNSUBSCRIBE, ANNA, LinkKeys.derive(b"somebody else's secret, long enough too")),
    ],
)
async def test_a_wrong_token_does_nothing_and_says_what_to_do(edge: Edge, token: str):
    for response in (
        await edge.http.get(f"/u/{token}"),
        await edge.http.post(f"/u/{token}", data=ONE_CLICK),
    ):
        assert response.status_code == 404
        assert is_complete(response)
        assert "Open it from the message" in response.text
    assert await chosen(edge) == []


async def test_the_page_calls_a_category_by_its_title_and_knows_who_else_said_no(edge: Edge):
    await edge.change(
        """INSERT INTO categories (category, title, description, position, defaults, updated_at)
           VALUES ('board_news', 'News of your boards', '', 1, '{"*": false}', now())"""
    )
    shown = (await edge.http.get(f"/u/{TOKEN}")).text
    assert "News of your boards" in shown
    assert "Turn it on again" in shown
    back = await edge.http.post(f"/u/{TOKEN}", data={"action": "resubscribe"})
    assert "turned on again" in back.text
    assert await chosen(edge) == [("anna", "board_news", "email", True, "one-click")]
    found = await edge.select("SELECT allowed, changed_by, via FROM preference_changes")
    assert [tuple(row) for row in found] == [(True, "one-click", "link")]


async def test_choices_on_other_channels_and_categories_stay(edge: Edge):
    keys = LinkKeys.derive(SECRET)
    other = sign(Kind.UNSUBSCRIBE, Link("anna", "board_news", "in_app"), keys)
    await edge.http.post(f"/u/{other}", data=ONE_CLICK)
    await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)
    await edge.http.post(f"/u/{other}", data={"action": "resubscribe"})
    assert sorted(row[2:4] for row in await chosen(edge)) == [("email", False), ("in_app", True)]


async def test_old_links_of_somebody_who_was_erased_answer_as_ever_and_keep_nothing(edge: Edge):
    headers = await edge.bearer(Scope.RECIPIENTS_ERASE)
    await edge.http.delete("/v1/recipients/anna", params={"reason": "asked"}, headers=headers)
    answer = await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK)
    assert "Turned off" in answer.text
    end = datetime.max.replace(tzinfo=UTC, microsecond=0)
    path = f"/p/{sign_permit(Permit('anna', end), LinkKeys.derive(SECRET))}"
    answer = await edge.http.post(path, data={"pause": "mute"})
    assert "Saved" in answer.text
    assert await chosen(edge) == []


async def test_says_so_when_the_choice_cannot_be_kept():
    async with edge_on("postgresql://nobody@127.0.0.1:9/nothing") as edge:
        for response in (
            await edge.http.get(f"/u/{TOKEN}"),
            await edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK),
        ):
            assert response.status_code == 503
            assert "retry-after" in response.headers
            assert "try again" in response.text


BEFORE = ["the secret before this one: long enough", "the one before that one: long enough"]


@pytest.mark.parametrize("old", BEFORE)
async def test_links_in_old_mails_stay_good_after_the_key_was_changed(database_url: str, old: str):
    token = sign(Kind.UNSUBSCRIBE, ANNA, LinkKeys.derive(old.encode()))
    async with edge_on(database_url) as edge:
        assert (await edge.http.post(f"/u/{token}", data=ONE_CLICK)).status_code == 404
    async with edge_on(database_url, old_secret_keys=", ".join(BEFORE)) as edge:
        assert (await edge.http.post(f"/u/{token}", data=ONE_CLICK)).status_code == 200
        assert await chosen(edge) == [("anna", "board_news", "email", False, "one-click")]


async def test_an_old_key_makes_no_feed_tokens(database_url: str):
    """Keys are changed because somebody may have them: only what can do no harm goes on."""
    async with edge_on(database_url, old_secret_keys=BEFORE[0]) as edge:
        thief = replace(edge.app.state.edge, feed_key=feed_key(BEFORE[0].encode()))
        now = await edge.database.tell_time()
        token = feed_token(thief, "anna", now, now + timedelta(hours=1))
        answer = await edge.http.get("/v1/feed", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_an_old_key_that_is_too_short_to_be_one_is_refused():
    with pytest.raises(ValidationError, match="at least 32 characters") as refused:
        DeliverySettings(_env_file=None, old_secret_keys=SecretStr(f"{BEFORE[0]},short"))
    assert BEFORE[0] not in str(refused.value)
