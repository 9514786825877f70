"""Opens and clicks: from the mail on the wire over somebody's browser to the counts."""

import email
import email.policy
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from delivery.engagement.judging import MOST
from delivery.engagement.ways import Way, sign
from delivery.rendering.fill import fill, prepare
from models.database import UnavailableError
from models.queries.folding import engagements
from models.readings.engagement import LinkLine
from models.records import Class, TemplateVersion
from scheduler.folding import feedback
from tests.edge import Edge, edge_on
from tests.pipeline import MJML, Pipeline, exhausted

CHROME = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0"}
NOWHERE = UUID("50850000-0000-8000-8000-00000000002a")
LINKS = (
    '<a href="https://shop.test/{{ data.board }}?a=1&amp;b=2">One</a> '
    '<a href="https://shop.test/two">Two</a> <a href="{{ links.unsubscribe }}">No more</a>'
)


@pytest.fixture
async def edge(database_url: str, pipeline: Pipeline) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        # One installation, one secret: links are made by its workers.
        keys = pipeline.runtime.letterhead.links
        edge.app.state.edge = replace(edge.app.state.edge, link_keys=keys)
        yield edge


async def mailed(pipeline: Pipeline, **topic: Any) -> str:
    """The HTML of a mail that was handed over an hour ago."""
    await pipeline.topic(channels=("email",), words=LINKS, **topic)
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    pipeline.run_sql("UPDATE deliveries SET sent_at = sent_at - interval '1 hour'")
    parsed = email.message_from_bytes(pipeline.mail.kept[-1].content, policy=email.policy.default)
    part = parsed.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def ways(html: str, kind: str = "c") -> list[str]:
    return re.findall(rf'"http://[^"/]+(/{kind}/[^"]+)"', html)


async def follow(edge: Edge, path: str, method: str = "GET", **headers: str) -> Any:
    response = await edge.http.request(method, path, headers=CHROME | headers)
    await edge.app.state.edge.hits.close()
    return response


async def fold(pipeline: Pipeline) -> int:
    return await exhausted(lambda: feedback.step(pipeline.runtime))


def counted(pipeline: Pipeline) -> dict[tuple[str, str], int]:
    found = pipeline.rows(
        """SELECT state, reason, CAST(sum(entered) AS int) FROM rollups
            WHERE state IN ('opened', 'opens', 'clicked', 'clicks')
            GROUP BY 1, 2 HAVING sum(entered) <> 0"""
    )
    return {(state, reason): number for state, reason, number in found}


def links(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows(
        """SELECT link, by, CAST(sum(times) AS int), CAST(sum(deliveries) AS int)
             FROM link_counts GROUP BY 1, 2 HAVING sum(times) <> 0 ORDER BY 1, 2"""
    )


BOTH = {"track_opens": True, "track_clicks": True}


async def test_a_click_leads_on_and_is_counted(pipeline: Pipeline, edge: Edge):
    html = await mailed(pipeline, **BOTH)
    pipeline.run_sql("UPDATE deliveries SET campaign = 'spring'")
    first, second = ways(html)
    response = await follow(edge, first)
    assert response.status_code == 302
    assert response.headers["location"] == "https://shop.test/Roadmap?a=1&b=2"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert "/u/" in html
    assert await fold(pipeline) == 1
    assert counted(pipeline) == {("clicked", "person"): 1, ("clicks", "person"): 1}
    assert links(pipeline) == [(1, "person", 1, 1)]
    async with pipeline.runtime.database.begin() as tx:
        ((_, line),) = await tx.run(engagements.links_in("spring"))
        assert line == LinkLine(1, 1, "person", 1, 1)
        assert await tx.run(engagements.links_in("autumn")) == []
    seen = pipeline.row("SELECT detail ->> 'by', detail -> 'raw' ->> 'link' FROM feedback")
    assert seen == ("person", "1")
    assert (await follow(edge, second)).headers["location"] == "https://shop.test/two"


async def test_the_console_fills_it_again_with_links_that_lead_straight_there(pipeline: Pipeline):
    html = await mailed(pipeline, **BOTH)
    assert len(ways(html)) == 2
    kept = pipeline.value("SELECT content_hash FROM deliveries")
    version = TemplateVersion("t", 1, "email", f"Subject: {LINKS}", MJML.format(LINKS))
    context = {
        "data": {"board": "Roadmap"},
        "links": {"unsubscribe": re.search(r'"(http://[^"]+/u/[^"]+)"', html)[1]},  # type: ignore[index]
    }
    again = fill(prepare(version), context)
    assert again.digest() == bytes(kept)
    assert ways(again.html or "") == []


async def test_an_open_is_a_pixel(pipeline: Pipeline, edge: Edge):
    [pixel] = ways(await mailed(pipeline, track_opens=True), "o")
    response = await follow(edge, pixel)
    assert response.content.startswith(b"GIF89a")
    assert response.headers["content-type"] == "image/gif"
    assert response.headers["cache-control"] == "no-store"
    await fold(pipeline)
    assert counted(pipeline) == {("opened", "person"): 1, ("opens", "person"): 1}
    assert links(pipeline) == [(0, "person", 1, 1)]
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_nothing_is_noticed_unless_somebody_says_so(pipeline: Pipeline):
    html = await mailed(pipeline)
    assert ways(html) == ways(html, "o") == []
    assert "https://shop.test/two" in html


async def test_of_secret_news_nothing_is_noticed(pipeline: Pipeline):
    html = await mailed(pipeline, **BOTH, sensitive=True, klass=Class.CRITICAL)
    assert ways(html) == ways(html, "o") == []


async def test_the_same_again_counts_once_where_it_should(pipeline: Pipeline, edge: Edge):
    [first, _] = ways(await mailed(pipeline, **BOTH))
    await edge.app.state.edge.hits.close()
    for _ in range(20):  # within a second or two: a burst
        await edge.http.get(first, headers=CHROME)
    await edge.app.state.edge.hits.close()
    await fold(pipeline)
    found = counted(pipeline)
    assert found["clicked", "person"] == 1
    assert found["clicks", "person"] <= 3
    kept = pipeline.value("SELECT count(*) FROM feedback")
    pipeline.run_sql(
        """INSERT INTO feedback_waiting (bucket, vendor, vendor_event_id, delivery_id, kind,
                                         occurred_at, received_at, due_at, detail)
           SELECT bucket, vendor, vendor_event_id, delivery_id, kind, occurred_at, received_at,
                  received_at, detail FROM feedback"""
    )
    await fold(pipeline)
    assert counted(pipeline) == found
    assert pipeline.value("SELECT count(*) FROM feedback") == kept


async def test_a_second_link_tells_that_the_first_was_a_scanner_s(pipeline: Pipeline, edge: Edge):
    first, second = ways(await mailed(pipeline, **BOTH))
    await follow(edge, first)
    await fold(pipeline)
    assert counted(pipeline) == {("clicked", "person"): 1, ("clicks", "person"): 1}
    pipeline.run_sql("UPDATE feedback SET occurred_at = now() - interval '100 ms'")
    await follow(edge, second)
    pipeline.run_sql("UPDATE feedback_waiting SET occurred_at = now()")
    await fold(pipeline)
    assert counted(pipeline) == {("clicked", "scanner"): 1, ("clicks", "scanner"): 2}
    assert links(pipeline) == [(1, "scanner", 1, 1), (2, "scanner", 1, 1)]
    assert pipeline.rows("SELECT DISTINCT detail ->> 'why' FROM feedback") == [("burst",)]


@pytest.mark.parametrize(("method", "why"), [("HEAD", "head"), ("GET", "client")])
async def test_machines_are_counted_apart(pipeline: Pipeline, edge: Edge, method: str, why: str):
    [first, _] = ways(await mailed(pipeline, **BOTH))
    response = await follow(edge, first, method, **{"User-Agent": "curl/8.5"})
    assert response.status_code == 302
    await fold(pipeline)
    assert counted(pipeline) == {("clicked", "scanner"): 1, ("clicks", "scanner"): 1}
    assert pipeline.value("SELECT detail ->> 'why' FROM feedback") == why


async def test_no_address_of_anybody_is_kept(pipeline: Pipeline, edge: Edge):
    [first, _] = ways(await mailed(pipeline, **BOTH))
    await follow(edge, first)
    detail = pipeline.value("SELECT detail FROM feedback_waiting")
    assert set(detail["raw"]) == {"link", "source", "code"}
    assert re.fullmatch("[0-9a-f]{16}", detail["raw"]["source"])


async def test_a_flood_fills_no_disk(pipeline: Pipeline):
    await mailed(pipeline, **BOTH)
    pipeline.run_sql(
        """INSERT INTO feedback_waiting (bucket, vendor, vendor_event_id, delivery_id, kind,
                                         occurred_at, received_at, due_at, detail)
           SELECT bucket, 'tidings', n::text, delivery_id, 'clicked', now() + n * interval '1 min',
                  now(), now(), '{"raw": {"link": 1, "source": "a", "code": ""}}'
             FROM deliveries, generate_series(1, 600) n"""
    )
    await fold(pipeline)
    assert pipeline.value("SELECT count(*) FROM feedback") == MOST
    assert pipeline.value("SELECT count(*) FROM feedback_waiting") == 0
    assert counted(pipeline) == {("clicked", "person"): 1, ("clicks", "person"): MOST}


async def test_a_test_reaches_no_figure(pipeline: Pipeline, edge: Edge):
    [first, _] = ways(await mailed(pipeline, **BOTH))
    pipeline.run_sql("UPDATE deliveries SET test = true")
    await follow(edge, first)
    await fold(pipeline)
    assert counted(pipeline) == {}
    assert pipeline.value("SELECT detail ->> 'by' FROM feedback") == "person"
    pipeline.run_sql("UPDATE deliveries SET test = false")


@pytest.mark.parametrize(
    "path", ["/c/", "/c/x", "/o/x", "/c/https://evil.test", "/c/" + "A" * 3000]
)
async def test_a_link_that_is_none_of_ours_is_told_off(edge: Edge, path: str):
    response = await edge.http.get(path)
    assert response.status_code == 404
    assert "location" not in response.headers


async def test_a_link_of_another_installation_leads_nowhere(edge: Edge):
    keys = edge.app.state.edge.link_keys.derive(b"another installation's secret")
    token = sign(Way(NOWHERE, 1, "https://evil.test"), keys)
    assert (await edge.http.get(f"/c/{token}")).status_code == 404


async def test_people_go_on_while_the_database_is_away(pipeline: Pipeline, edge: Edge):
    [first, _] = ways(await mailed(pipeline, **BOTH))
    async with edge_on("postgresql+psycopg://127.0.0.1:1/nowhere") as lonely:
        keys = pipeline.runtime.letterhead.links
        lonely.app.state.edge = replace(lonely.app.state.edge, link_keys=keys)
        response = await lonely.http.get(first, headers=CHROME)
        assert response.headers["location"] == "https://shop.test/Roadmap?a=1&b=2"
        hits = lonely.app.state.edge.hits
        hits._task.cancel()
        with pytest.raises(UnavailableError):
            await hits._write_some()
        hits._database = edge.database  # it is back
        await follow(lonely, first)
    assert await fold(pipeline) in {1, 2}  # in one second, or in two
    assert counted(pipeline)["clicked", "person"] == 1


async def test_what_has_no_room_is_lost_and_said_so(edge: Edge, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("delivery.api.hits.ROOM", 1)
    keys = edge.app.state.edge.link_keys
    for number in (1, 2):
        token = sign(Way(NOWHERE, number, "https://shop.test"), keys)
        assert (await edge.http.get(f"/c/{token}", headers=CHROME)).status_code == 302
    assert edge.app.state.edge.hits.lost == 1
    assert "tidings_engagement_lost 1.0" in (await edge.http.get("/metrics")).text
