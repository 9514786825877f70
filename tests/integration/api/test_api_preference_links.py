"""A product's own link to the preference page."""

from datetime import datetime, timedelta

from models.queries.configuring.keys import Scope
from tests.edge import Edge


async def make(edge: Edge, recipient: str = "anna", **body: object) -> tuple[str, datetime]:
    headers = await edge.bearer(Scope.PREFERENCES_WRITE)
    response = await edge.http.post(
        f"/v1/recipients/{recipient}/preference-link", json=body, headers=headers
    )
    assert response.status_code == 200, response.text
    assert response.headers["cache-control"] == "no-store"
    told = response.json()
    return told["url"], datetime.fromisoformat(told["expires_at"])


async def test_opens_the_page_until_it_ends(edge: Edge):
    for recipient in ("anna", "a/b", "team%2Fanna%20b", "%C3%A5sa"):
        url, ends = await make(edge, recipient, ttl=60)
        now = await edge.database.tell_time()
        assert now < ends <= now + timedelta(seconds=60)
        assert url.startswith("http://localhost:8080/p/")
        path = url.removeprefix("http://localhost:8080")
        assert (await edge.http.get(path)).status_code == 200


async def test_needs_no_body_and_lasts_an_hour(edge: Edge):
    headers = await edge.bearer(Scope.PREFERENCES_WRITE)
    response = await edge.http.post("/v1/recipients/anna/preference-link", headers=headers)
    ends = datetime.fromisoformat(response.json()["expires_at"])
    assert ends - await edge.database.tell_time() > timedelta(minutes=59)


WRONG: list[tuple[str, dict[str, object]]] = [
    ("anna", {"ttl": 0}),
    ("anna", {"ttl": 86_401}),
    ("anna", {"tll": 1}),
    ("%20", {}),
]


async def test_what_cannot_be_or_may_not_be_is_refused(edge: Edge):
    headers = await edge.bearer(Scope.PREFERENCES_WRITE)
    for recipient, body in WRONG:
        path = f"/v1/recipients/{recipient}/preference-link"
        assert (await edge.http.post(path, json=body, headers=headers)).status_code == 422
    path = "/v1/recipients/anna/preference-link"
    assert (await edge.http.post(path, json={})).status_code == 401
    headers = await edge.bearer(Scope.RECIPIENTS_WRITE, Scope.FEED_TOKEN)
    assert (await edge.http.post(path, json={}, headers=headers)).status_code == 403
