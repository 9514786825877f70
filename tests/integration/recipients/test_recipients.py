"""Recipients: written over HTTP, in SQL and from CSV; their addresses, their suppressions."""

import asyncio

import pytest

from models.queries.people import preferences
from models.records import Author, Choice, Via
from tests.edge import Edge
from tests.integration.recipients.profiles import ANNA, addresses, put


async def test_keeps_what_was_put(edge: Edge):
    response = await put(edge, ANNA)
    assert response.status_code == 200
    stored = (await edge.http.get("/v1/recipients/anna")).json()
    assert stored == response.json()
    for name in ("name", "locale", "timezone", "org", "quiet_hours", "attributes"):
        assert stored[name] == ANNA[name]
    assert await addresses(edge) == [
        ("email", "anna@example.com", True, None),
        ("email", "anna@home.example", False, None),
    ]


async def test_a_new_recipient_gets_a_ledger(edge: Edge):
    await put(edge, {})
    await put(edge, {"name": "Anna"})
    [[bucket, seq]] = await edge.select("SELECT bucket, seq FROM ledger")
    assert seq == 0
    assert [tuple(row) for row in await edge.select("SELECT bucket, name FROM recipients")] == [
        (bucket, "Anna")
    ]


async def test_a_put_leaves_the_ledger_alone(edge: Edge):
    await put(edge, {})
    await edge.change("UPDATE ledger SET seq = 7, change = 9")
    await put(edge, {"name": "Anna"})
    [[seq, change]] = await edge.select("SELECT seq, change FROM ledger")
    assert (seq, change) == (7, 9)


async def test_what_is_left_out_stays(edge: Edge):
    await put(edge, ANNA)
    stored = (await put(edge, {"name": "Ann"})).json()
    assert stored["name"] == "Ann"
    for name in ("locale", "timezone", "org", "quiet_hours", "attributes"):
        assert stored[name] == ANNA[name]
    assert len(await addresses(edge)) == 2


async def test_null_takes_a_field_away(edge: Edge):
    await put(edge, ANNA)
    gone = dict.fromkeys(("name", "locale", "timezone", "org", "quiet_hours", "attributes"))
    stored = (await put(edge, gone)).json()
    assert [stored[name] for name in gone] == [None, None, None, None, None, {}]


async def test_addresses_replace_those_of_their_channels_only(edge: Edge):
    await put(edge, ANNA)
    await put(edge, {"addresses": [{"channel": "in_app", "address": "anna"}]})
    await put(edge, {"addresses": [{"channel": "email", "address": "a@home.example"}]})
    assert await addresses(edge) == [
        ("email", "a@home.example", True, None),
        ("in_app", "anna", True, None),
    ]
    await put(edge, {"addresses": [{"channel": "email", "address": None}]})
    assert await addresses(edge) == [("in_app", "anna", True, None)]


async def test_the_preferred_address_can_change(edge: Edge):
    await put(edge, ANNA)
    await put(edge, {"addresses": ANNA["addresses"][::-1]})
    assert [row[1:3] for row in await addresses(edge)] == [
        ("anna@home.example", True),
        ("anna@example.com", False),
    ]


async def test_one_address_in_two_spellings_is_one(edge: Edge):
    twice = [{"channel": "email", "address": f"anna@{d}"} for d in ("EXAMPLE.com", "example.com")]
    await put(edge, {"addresses": twice})
    assert await addresses(edge) == [("email", "anna@example.com", True, None)]


@pytest.mark.parametrize(
    ("body", "pointer", "says"),
    [
        ({"nick": "A"}, "/nick", "Extra inputs"),
        ({"name": 7}, "/name", "string"),
        ({"name": "a\0b"}, "/name", "NUL"),
        ({"name": "x" * 1001}, "/name", "1000"),
        ({"locale": "xx-YY"}, "/locale", "pt-BR"),
        ({"locale": "../etc"}, "/locale", "pt-BR"),
        ({"timezone": "Mars/Olympus"}, "/timezone", "Europe/Berlin"),
        ({"timezone": "../../etc/passwd"}, "/timezone", "IANA"),
        ({"quiet_hours": []}, "/quiet_hours", "dictionary"),
        ({"quiet_hours": {}}, "/quiet_hours/quiet", "required"),
        ({"quiet_hours": {"quiet": []}}, "/quiet_hours/quiet", "daily 22:00-07:00"),
        ({"quiet_hours": {"quiet": ["at night"]}}, "/quiet_hours/quiet", "write it like"),
        (
            {"quiet_hours": {"quiet": ["mon 1:00-2:00"], "timezone": "Mars"}},
            "/quiet_hours/timezone",
            "IANA",
        ),
        ({"attributes": []}, "/attributes", "dictionary"),
        ({"attributes": {"a": "x" * 17000}}, "/attributes", "16384"),
        ({"attributes": {"a": ["x\0"]}}, "/attributes", "/a/0"),
        ({"addresses": [{"channel": "email"}]}, "/addresses/0/address", "required"),
        ({"addresses": [{"channel": "fax", "address": "1"}]}, "/addresses/0", "email, in_app"),
        ({"addresses": [{"channel": "email", "address": "anna"}]}, "/addresses/0", "no address"),
    ],
)
async def test_refuses_what_is_wrong_and_says_where(
    edge: Edge, body: dict[str, object], pointer: str, says: str
):
    response = await put(edge, body)
    assert response.status_code == 422
    [error] = response.json()["errors"]
    assert error["pointer"] == pointer
    assert says in error["detail"]
    assert await edge.select("SELECT * FROM recipients") == []


async def test_never_repeats_an_address_it_refuses(edge: Edge):
    body = {"addresses": [{"channel": "email", "address": "anna at example"}]}
    assert "anna at example" not in (await put(edge, body)).text


async def test_a_lone_surrogate_is_refused(edge: Edge):
    response = await edge.http.put(
        "/v1/recipients/anna",
        content=b'{"name": "\\ud800"}',
        headers={"content-type": "application/json"},
    )
    assert response.status_code == 422


@pytest.mark.parametrize("recipient", ["%20anna", "a%00b", "x" * 201])
async def test_refuses_an_id_that_is_none(edge: Edge, recipient: str):
    assert (await put(edge, {}, recipient)).status_code == 422


@pytest.mark.parametrize("recipient", ["a%2Fb", "Zo%C3%AB", "user:1@x", "x" * 200])
async def test_takes_every_id_that_is_one(edge: Edge, recipient: str):
    assert (await put(edge, {"name": "Somebody"}, recipient)).status_code == 200
    assert (await edge.http.get(f"/v1/recipients/{recipient}")).json()["name"] == "Somebody"


async def test_nobody_is_404(edge: Edge):
    assert (await edge.http.get("/v1/recipients/nobody")).status_code == 404


async def test_two_puts_at_once_never_mix_addresses(edge: Edge):
    def body(n: int) -> object:
        return {
            "addresses": [{"channel": "email", "address": f"{n}-{k}@example.com"} for k in range(5)]
        }

    for _ in range(5):
        answers = await asyncio.gather(*(put(edge, body(n)) for n in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        kept = [str(row[1]) for row in await addresses(edge)]
        assert len(kept) == 5
        assert len({address.partition("-")[0] for address in kept}) == 1


async def test_the_same_choice_again_changes_nothing(edge: Edge):
    no = Choice("anna", "news", "email", allowed=False)
    yes = Choice("anna", "news", "email", allowed=True)
    changed = []
    for choice in (no, no, yes, yes):
        now = await edge.database.tell_time()
        async with edge.database.begin() as tx:
            story = preferences.choose([choice], Author("anna", Via.API), now)
            changed.append(await tx.follow(story))
    assert changed == [1, 0, 1, 0]
