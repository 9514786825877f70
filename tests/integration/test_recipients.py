"""Recipients: written over HTTP, in SQL and from CSV; their addresses, their suppressions."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from httpx import Response

from delivery.profiles import Accepts
from delivery.registry import all_channels
from models.database import SyncDatabase
from models.pseudonyms import Pseudonyms
from models.queries.configuring.keys import Scope
from models.queries.folding import suppressions
from models.queries.people import preferences
from models.records import Author, Choice, Place, Suppression, Via
from scheduler.commands.recipients import import_file
from scheduler.planning.profiles import drain
from tests.edge import Edge, edge_on

NAMES = Pseudonyms((b"a secret",))
ACCEPTS: Accepts = {name: channel.accepts for name, channel in all_channels().items()}
ANNA = {
    "name": "Anna",
    "locale": "pt-BR",
    "timezone": "Europe/Berlin",
    "quiet_hours": {"quiet": ["daily 22:00-07:00"], "timezone": "Asia/Tokyo"},
    "org": "acme",
    "attributes": {"plan": "team", "seats": 7},
    "addresses": [
        {"channel": "email", "address": "anna@Example.com"},
        {"channel": "email", "address": "anna@home.example"},
    ],
}


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        edge.http.headers.update(await edge.bearer(Scope.RECIPIENTS_WRITE))
        yield edge


async def put(edge: Edge, body: object, recipient: str = "anna") -> Response:
    return await edge.http.put(f"/v1/recipients/{recipient}", json=body)


async def addresses(edge: Edge, recipient: str = "anna") -> list[tuple[object, ...]]:
    found = await edge.select(
        "SELECT channel, address, preferred, suppressed -> 'email/*' ->> 'reason' FROM addresses"
        " WHERE recipient_id = :id ORDER BY channel, preferred DESC, address",
        id=recipient,
    )
    return [tuple(row) for row in found]


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


async def suppress(edge: Edge, suppression: Suppression) -> None:
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        await tx.follow(suppressions.suppress(suppression, now))
    for statement in suppressions.copies(suppression):
        async with edge.database.begin() as tx:
            await tx.run(statement)


BOUNCED = Suppression("email", "anna@example.com", "hard_bounce", "smtp")


async def test_suppressing_an_address_reaches_everybody_who_has_it(edge: Edge):
    await put(edge, ANNA)
    await put(edge, ANNA, "bo")
    await suppress(edge, BOUNCED)
    for recipient in ("anna", "bo"):
        assert [row[3] for row in await addresses(edge, recipient)] == ["hard_bounce", None]


async def test_an_address_added_later_is_born_suppressed(edge: Edge):
    await suppress(edge, BOUNCED)
    response = await put(edge, ANNA)
    assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]
    assert response.json()["addresses"][0]["suppressed_for"] == "hard_bounce"


async def test_an_expired_suppression_is_not_copied(edge: Edge):
    now = await edge.database.tell_time()
    await suppress(
        edge, Suppression("email", "anna@example.com", "soft", "smtp", now - timedelta(seconds=1))
    )
    await put(edge, ANNA)
    assert [row[3] for row in await addresses(edge)] == [None, None]


async def test_of_two_suppressions_the_longer_one_stays(edge: Edge):
    now = await edge.database.tell_time()
    await put(edge, ANNA)
    short = Suppression("email", "anna@example.com", "soft", "smtp", now + timedelta(days=1))
    for order in ([short, BOUNCED], [BOUNCED, short]):
        for each in order:
            await suppress(edge, each)
        assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]
        [[reason]] = await edge.select("SELECT reason FROM suppressions")
        assert reason == "hard_bounce"
        await lift(edge)


async def lift(edge: Edge) -> None:
    place = Place("email", "anna@example.com")
    now = await edge.database.tell_time()
    async with edge.database.begin() as tx:
        await tx.follow(suppressions.lift(place, "ada", "it works again", now))
    async with edge.database.begin() as tx:
        await tx.run(suppressions.clear_copies(place))


async def test_a_suppression_can_be_lifted(edge: Edge):
    await put(edge, ANNA)
    await suppress(edge, BOUNCED)
    await lift(edge)
    assert [row[3] for row in await addresses(edge)] == [None, None]
    assert await edge.select("SELECT * FROM suppressions") == []


async def test_suppressing_right_before_the_address_is_committed_misses_nobody(
    edge: Edge, database_url: str
):
    await edge.change(
        """
        CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql
            AS $$ BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER linger AFTER INSERT ON addresses
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION linger()
        """
    )
    with psycopg.connect(database_url) as holding:
        holding.execute("SELECT pg_advisory_lock(4711)")
        putting = asyncio.create_task(put(edge, ANNA))
        while not await edge.select("SELECT 1 FROM pg_locks WHERE NOT granted"):
            assert not putting.done()
        await suppress(edge, BOUNCED)
    assert (await putting).status_code == 200
    assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]


async def test_suppressing_while_the_address_is_added_misses_nobody(edge: Edge):
    """Whichever commits first, the copy is there in the end."""
    for n in range(25):
        address = f"a{n}@example.com"
        body = {"addresses": [{"channel": "email", "address": address}]}
        bounced = Suppression("email", address, "hard_bounce", "smtp")
        await asyncio.gather(put(edge, body, f"r{n}"), suppress(edge, bounced))
    found = await edge.select("SELECT recipient_id FROM addresses WHERE suppressed IS NULL")
    assert found == []


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


async def write_change(edge: Edge, recipient: str, profile: object) -> None:
    await edge.change(
        "INSERT INTO recipient_changes (recipient_id, profile)"
        " VALUES (:id, CAST(:profile AS jsonb))",
        id=recipient,
        profile=json.dumps(profile),
    )


async def test_drains_what_was_written_in_sql(edge: Edge):
    await suppress(edge, BOUNCED)
    await write_change(edge, "anna", ANNA)
    await write_change(edge, "bo", {"name": "Bo"})
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 2
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 0
    assert (await edge.http.get("/v1/recipients/anna")).json()["name"] == "Anna"
    assert [row[3] for row in await addresses(edge)] == ["hard_bounce", None]
    assert len(await edge.select("SELECT * FROM ledger")) == 2


async def test_applies_the_changes_of_one_recipient_in_order(edge: Edge):
    await write_change(edge, "anna", ANNA)
    await write_change(edge, "anna", {"name": "Ann", "org": None})
    await write_change(
        edge, "anna", {"addresses": [{"channel": "email", "address": "a@b.example"}]}
    )
    await drain(edge.database, ACCEPTS, NAMES, 100)
    stored = (await edge.http.get("/v1/recipients/anna")).json()
    assert (stored["name"], stored["org"], stored["locale"]) == ("Ann", None, "pt-BR")
    assert [row[1] for row in await addresses(edge)] == ["a@b.example"]


async def test_sets_a_bad_profile_aside_and_goes_on(edge: Edge):
    await write_change(edge, "anna", {"timezone": "Nowhere"})
    await write_change(edge, " bo", {})
    await write_change(edge, "bo", ["not", "an", "object"])
    await write_change(edge, "bo", {"name": "Bo"})
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 4
    problems = await edge.select("SELECT problem FROM recipient_changes ORDER BY created_at")
    assert [row[0].partition(":")[0] for row in problems] == ["/timezone", "", ""]
    assert (await edge.http.get("/v1/recipients/bo")).json()["name"] == "Bo"
    assert await drain(edge.database, ACCEPTS, NAMES, 100) == 0


async def test_a_profile_the_database_refuses_harms_no_other(edge: Edge):
    await edge.change("ALTER TABLE recipients ADD CHECK (name <> 'poison')")
    for n in range(7):
        await write_change(edge, f"r{n}", {"name": "poison" if n == 3 else f"R{n}"})
    for _ in range(10):
        await drain(edge.database, ACCEPTS, NAMES, 100)
    names = await edge.select("SELECT name FROM recipients ORDER BY name")
    assert [row[0] for row in names] == ["R0", "R1", "R2", "R4", "R5", "R6"]
    [[problem]] = await edge.select("SELECT problem FROM recipient_changes")
    assert "refused" in problem


async def test_two_drains_at_once_keep_the_order(edge: Edge):
    for n in range(60):
        await write_change(edge, "anna", {"name": f"Anna {n}"})
    while await edge.select("SELECT 1 FROM recipient_changes LIMIT 1"):
        await asyncio.gather(*(drain(edge.database, ACCEPTS, NAMES, 7) for _ in range(4)))
    assert (await edge.http.get("/v1/recipients/anna")).json()["name"] == "Anna 59"


async def test_drains_beside_puts_without_deadlock(edge: Edge):
    for n in range(200):
        await write_change(edge, f"r{n % 20}", {"name": f"{n}", "org": f"{n}"})

    async def draining() -> None:
        while await edge.select("SELECT 1 FROM recipient_changes LIMIT 1"):
            await drain(edge.database, ACCEPTS, NAMES, 50)

    answers = await asyncio.gather(
        draining(), *(put(edge, ANNA, f"r{n % 20}") for n in range(60)), return_exceptions=True
    )
    assert {a.status_code for a in answers if isinstance(a, Response)} == {200}
    assert [a for a in answers if isinstance(a, BaseException)] == []


CSV = """\
recipient_id,name,locale,attributes,email,quiet_hours
anna,Anna,de,"{""plan"": ""team""}",anna@Example.com;anna@home.example,
bo,"Bo, the second",,,bo@example.com,"{""quiet"": [""mon 1:00-2:00""]}"
,Nobody,,,,
cy,Cy,nowhere,,cy@example.com,
di,Di,,{broken,di@example.com,
ed,Ed,,,not an address,
fay,Fay,en,,fay@example.com,,more
gil,Gil,,,,"{""quiet"": [""at night""]}"
anna,Ann,,,,
"""


@pytest.fixture
def people(database_url: str) -> Iterator[SyncDatabase]:
    database = SyncDatabase.connect(database_url)
    yield database
    database.close()


async def test_imports_what_is_right_and_tells_what_is_not(
    edge: Edge, people: SyncDatabase, tmp_path: Path
):
    file, rejects = tmp_path / "people.csv", tmp_path / "people.rejects.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    assert await asyncio.to_thread(import_file, people, NAMES, ACCEPTS, file, rejects) == (3, 6)
    anna = (await edge.http.get("/v1/recipients/anna")).json()
    assert (anna["name"], anna["locale"], anna["attributes"]) == ("Ann", "de", {"plan": "team"})
    assert [row[1] for row in await addresses(edge)] == ["anna@example.com", "anna@home.example"]
    bo = (await edge.http.get("/v1/recipients/bo")).json()
    assert (bo["name"], bo["quiet_hours"]["quiet"]) == ("Bo, the second", ["mon 1:00-2:00"])
    lines = rejects.read_text().splitlines()
    assert lines[0] == "recipient_id,name,locale,attributes,email,quiet_hours,reason"
    assert [line.split(",")[0] for line in lines[1:]] == ["", "cy", "di", "ed", "fay", "gil"]
    assert "pt-BR" in lines[2]
    assert "more cells" in lines[5]
    assert "write it like" in lines[6]


async def test_importing_twice_changes_nothing(edge: Edge, people: SyncDatabase, tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text(
        "recipient_id,name,email\n"
        + "".join(f"r{n},Name {n},r{n}@example.com\n" for n in range(6000))
    )
    await suppress(edge, Suppression("email", "r7@example.com", "complaint", "arf"))
    for _ in range(2):
        counts = await asyncio.to_thread(
            import_file, people, NAMES, ACCEPTS, file, tmp_path / "no.csv"
        )
        assert counts == (6000, 0)
    assert not (tmp_path / "no.csv").exists()
    [[names, ledgers, mails]] = await edge.select(
        "SELECT (SELECT count(*) FROM recipients), (SELECT count(*) FROM ledger),"
        " (SELECT count(*) FROM addresses)"
    )
    assert (names, ledgers, mails) == (6000, 6000, 6000)
    assert [row[3] for row in await addresses(edge, "r7")] == ["complaint"]


async def test_a_line_the_database_refuses_harms_no_other(
    edge: Edge, people: SyncDatabase, tmp_path: Path
):
    await edge.change("ALTER TABLE recipients ADD CHECK (name <> 'poison')")
    file = tmp_path / "people.csv"
    file.write_text("recipient_id,name\na,A\nb,poison\nc,C\n")
    rejects = tmp_path / "rejects.csv"
    assert await asyncio.to_thread(import_file, people, NAMES, ACCEPTS, file, rejects) == (2, 1)
    assert 'b,poison,"The database refused it' in rejects.read_text()


async def test_octets_that_are_no_text_are_refused_and_kept(
    edge: Edge, people: SyncDatabase, tmp_path: Path
):
    file, rejects = tmp_path / "people.csv", tmp_path / "rejects.csv"
    file.write_bytes(b"recipient_id,name\na,caf\xe9\nb,B\n")
    assert await asyncio.to_thread(import_file, people, NAMES, ACCEPTS, file, rejects) == (1, 1)
    assert b"a,caf\xe9," in rejects.read_bytes()
    assert len(await edge.select("SELECT * FROM recipients")) == 1
