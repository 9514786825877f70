"""`/v1/files`: a file is kept once, and what no mail may carry is refused."""

from models.queries.configuring.keys import Scope
from tests.edge import Edge


async def test_a_file_is_kept_once_and_never_changes(edge: Edge, producer: dict[str, str]):
    async def put(octets: bytes, name: str = "i.pdf") -> int:
        params = {"name": name, "days": "30"}
        answer = await edge.http.put(
            "/v1/files/i/4711", content=octets, params=params, headers=producer
        )
        return answer.status_code

    assert [await put(b"%PDF"), await put(b"%PDF")] == [200, 200]
    assert [await put(b"other"), await put(b"%PDF", "j.pdf")] == [409, 409]
    kept = await edge.select("SELECT file, name, kind, octets, expires_at IS NULL FROM files")
    assert [tuple(row) for row in kept] == [("i/4711", "i.pdf", "application/pdf", b"%PDF", False)]
    audit = await edge.select("SELECT action, subject, detail ->> 'name' FROM audit")
    assert [tuple(row) for row in audit] == [("added a file", "i/4711", "i.pdf")]


async def test_what_no_mail_may_carry_is_refused(edge: Edge, producer: dict[str, str]):
    wrong = [
        ("a?name=a.exe", b"x"),
        ("a?name=a.pdf", b""),
        ("a", b"x"),
        ("a?name=a.pdf&day=1", b"x"),
    ]
    for path, octets in wrong:
        answer = await edge.http.put(f"/v1/files/{path}", content=octets, headers=producer)
        assert answer.status_code == 422, path
    assert await edge.select("SELECT file FROM files") == []


async def test_only_producers_put_files(edge: Edge):
    path, other = "/v1/files/a?name=a.pdf", await edge.bearer(Scope.DELIVERIES_READ)
    assert (await edge.http.put(path, content=b"x")).status_code == 401
    assert (await edge.http.put(path, content=b"x", headers=other)).status_code == 403
