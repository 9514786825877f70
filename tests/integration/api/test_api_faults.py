"""What the API says while its database is away: 503, when to come again, and nothing twice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from httpx import Response

from delivery.api.access import feed_token
from models.queries.configuring.keys import Scope
from tests.edge import Edge, edge_on
from tests.postgres_judges import Cut, Moment, Refuse, Striker, Verdict, refuse
from tests.postgres_proxy import Proxy

EVENT = {"topic": "board.shared", "recipients": ["anna"]}
EVERYTHING = [(Moment.ASKED, Refuse("57014")), (Moment.ASKED, Cut()), (Moment.ANSWERED, Cut())]
NAMES = ["refused", "lost before", "answer lost"]


@pytest.fixture
async def edge(proxy: Proxy) -> AsyncIterator[Edge]:
    async with edge_on(proxy.url) as edge:
        yield edge


def says_when_to_come_again(response: Response) -> bool:
    return response.status_code == 503 and int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize(("moment", "verdict"), EVERYTHING, ids=NAMES)
async def test_an_event_is_taken_once_whichever_statement_is_hit(
    edge: Edge, proxy: Proxy, moment: Moment, verdict: Verdict
):
    headers = await edge.bearer(Scope.EVENTS_WRITE)
    striker, rounds, refusals = Striker(moment, verdict), 0, 0
    while True:
        striker.ready = True
        proxy.judge = striker.judge
        keyed = {**headers, "Idempotency-Key": f"event {rounds}"}
        rounds += 1
        response = await edge.http.post("/v1/events", json=EVENT, headers=keyed)
        if response.status_code == 202 and striker.ready:
            break
        if response.status_code != 202:  # else it was the hint to the workers that was hit
            assert says_when_to_come_again(response)
            refusals += 1
            striker.ready = False
            again = await edge.http.post("/v1/events", json=EVENT, headers=keyed)
            assert again.status_code == 202
    striker.ready = False
    assert refusals >= 4
    assert (await edge.select("SELECT count(*) FROM outbox"))[0][0] == rounds


@pytest.mark.parametrize("code", ["53300", "57P03", "57014", "25006", "53100"])
async def test_it_says_when_to_come_again_and_then_it_works(edge: Edge, proxy: Proxy, code: str):
    events = await edge.bearer(Scope.EVENTS_WRITE)
    now = await edge.database.tell_time()
    token = feed_token(edge.app.state.edge, "anna", now, now + timedelta(hours=1))
    feed = {"Authorization": f"Bearer {token}"}
    good = proxy.judge
    connecting = code in {"53300", "57P03"}
    proxy.judge = refuse(code, lambda seen: not connecting or seen.moment is Moment.CONNECTING)
    proxy.cut()
    for _ in range(3):
        posted = await edge.http.post("/v1/events", json=EVENT, headers=events)
        assert says_when_to_come_again(posted)
        assert says_when_to_come_again(await edge.http.get("/v1/feed", headers=feed))
        assert says_when_to_come_again(await edge.http.get("/readyz"))
    assert (await edge.http.get("/healthz")).status_code == 200
    proxy.judge = good
    assert (await edge.http.post("/v1/events", json=EVENT, headers=events)).status_code == 202
    assert (await edge.http.get("/v1/feed", headers=feed)).status_code == 200


async def test_reads_go_on_while_nothing_can_be_written(edge: Edge, proxy: Proxy):
    headers = await edge.bearer(Scope.EVENTS_WRITE, Scope.FEED_READ)
    proxy.judge = refuse("25006", lambda seen: seen.writes)
    feed = await edge.http.get("/v1/feed?recipient=anna", headers=headers)
    assert feed.status_code == 200
    assert says_when_to_come_again(await edge.http.post("/v1/events", json=EVENT, headers=headers))
