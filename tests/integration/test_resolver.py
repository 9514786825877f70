"""Looking domains up, over real sockets, at a name server that has its bad days."""

import asyncio
import socket
import time

import pytest

from delivery.domains.checks import Sender
from delivery.domains.dkim import PublicKey, zone_line
from delivery.domains.inquiries import Answer, Check, Condition, Question, Record, UnansweredError
from delivery.resolving.resolver import Resolver
from delivery.resolving.survey import survey, surveyed
from tests.dns_server import GARBAGE, REFUSED, SERVFAIL, SILENT, NameServer, Zone

D = "example.com"
KEY = PublicKey(D, "t1", "rsa", "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12)
ZONE: Zone = {
    (D, "TXT"): ['"v=spf1 include:relay.example -all"', '"hello" " world"'],
    (D, "MX"): ["20 b.example.com.", "10 A.example.com."],
    ("a.example.com", "A"): ["192.0.2.1"],
    ("b.example.com", "CNAME"): ["a.example.com."],
    ("relay.example", "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
    ("big.example.com", "TXT"): [f'"{"x" * 255}"', f'"{"y" * 250}"'],
    (f"_dmarc.{D}", "TXT"): ['"v=DMARC1; p=none; rua=mailto:d@example.com"'],
    (KEY.name, "TXT"): [" ".join(zone_line(KEY).split("(")[1].rstrip(")").split())],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["a.example.com."],
    ("broken.example", "TXT"): SERVFAIL,
    ("closed.example", "TXT"): REFUSED,
    ("noise.example", "TXT"): GARBAGE,
    ("quiet.example", "TXT"): SILENT,
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "record", "values"),
    [
        (D, Record.TXT, {"v=spf1 include:relay.example -all", "hello world"}),
        (D, Record.MX, {"20 b.example.com", "10 a.example.com"}),
        ("b.example.com", Record.A, {"192.0.2.1"}),
        ("1.2.0.192.in-addr.arpa", Record.PTR, {"a.example.com"}),
        ("a.example.com", Record.AAAA, set()),
    ],
)
async def test_asks_and_understands(name: str, record: Record, values: set[str]):
    async with NameServer(ZONE) as server:
        answer = await Resolver([server.address]).ask(Question(name, record))
    assert (set(answer.values), answer.exists) == (values, True)


async def test_takes_what_is_too_long_for_a_datagram_over_tcp():
    async with NameServer(ZONE) as server:
        answer = await Resolver([server.address]).ask(Question("big.example.com", Record.TXT))
        assert [way for _, _, way in server.asked] == ["udp", "tcp"]
    assert sorted(map(len, answer.values)) == [250, 255]


async def test_knows_what_does_not_exist():
    async with NameServer(ZONE) as server:
        question = Question("nowhere.example", Record.TXT)
        assert await Resolver([server.address]).ask(question) == Answer(exists=False)


@pytest.mark.parametrize("name", ["broken.example", "closed.example", "noise.example", "a..b"])
async def test_what_makes_no_sense_is_unanswered(name: str):
    async with NameServer(ZONE) as server:
        with pytest.raises(UnansweredError, match=name):
            await Resolver([server.address], patience=0.3).ask(Question(name, Record.TXT))


async def test_a_second_server_answers_when_the_first_one_cannot():
    async with NameServer({(D, "TXT"): SERVFAIL}) as bad, NameServer(ZONE) as good:
        answer = await Resolver([bad.address, good.address]).ask(Question(D, Record.TXT))
    assert len(answer.values) == 2


def sender(**values: object) -> Sender:
    return Sender(D, **{"envelope": D, "keys": (KEY,), **values})  # type: ignore[arg-type]


async def test_a_domain_that_is_well_is_said_to_be():
    async with NameServer(ZONE) as server:
        verdicts = await surveyed(sender(), Resolver([server.address]).ask)
        assert {each.condition for each in verdicts} == {Condition.GOOD}, verdicts
        assert [each.check for each in verdicts] == [
            Check.SPF, Check.DKIM, Check.DMARC, Check.ALIGNMENT, Check.MX, Check.ROTATION,
        ]  # fmt: skip
        asked = [(name, kind) for name, kind, way in server.asked if way == "udp"]
    assert len(asked) == len(set(asked)), "each question once"


async def test_silence_costs_only_what_it_is_about_and_never_long():
    quiet = {**ZONE, (f"_dmarc.{D}", "TXT"): SILENT}
    began = time.monotonic()
    async with NameServer(quiet) as server:
        verdicts = await surveyed(sender(), Resolver([server.address]).ask, within=0.3)
    assert time.monotonic() - began < 2
    unknown = {each.check for each in verdicts if each.condition is Condition.UNKNOWN}
    assert unknown == {Check.DMARC, Check.ALIGNMENT}
    assert all("could not look it up" in v.finding for v in verdicts if v.check in unknown)


async def test_without_a_network_nothing_is_wrong():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        resolver = Resolver([nobody.getsockname()])
        verdicts = await surveyed(sender(), resolver.ask, within=0.3)
    asked = [each for each in verdicts if each.check is not Check.ROTATION]
    assert {each.condition for each in asked} == {Condition.UNKNOWN}


async def test_whoever_looks_away_leaves_nothing_behind():
    async with NameServer({(D, "TXT"): SILENT, (D, "MX"): SILENT}) as server:
        look = survey(sender(), Resolver([server.address]).ask)
        async with asyncio.timeout(1):
            async for _ in look:
                break
            await look.aclose()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left
