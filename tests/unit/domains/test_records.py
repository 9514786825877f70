"""DKIM, DMARC, MX and PTR records: what each says, and what to do."""

from ipaddress import ip_address

import pytest
from hypothesis import given, settings, strategies as st

from delivery.domains.dkim import PublicKey, dkim, zone_line
from delivery.domains.dmarc import alignment, dmarc
from delivery.domains.inquiries import Condition, Inquiry, UnansweredError
from delivery.domains.mail_hosts import answers, bounces
from delivery.domains.names import read_domain
from delivery.domains.reverse import reverse
from tests.unit.domains.zone import Zone, asked, host, mx, txt

D = "example.com"
GOOD, ADVICE, WRONG, UNKNOWN = (
    Condition.GOOD, Condition.ADVICE, Condition.WRONG, Condition.UNKNOWN,
)  # fmt: skip
VALUE = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A" * 12
KEY = PublicKey(D, "t20261122a", "rsa", VALUE)


def expect(inquiry: Inquiry, zone: Zone, condition: Condition, finding: str) -> None:
    verdict = asked(inquiry, zone)
    assert (verdict.condition, finding in verdict.finding) == (condition, True), verdict
    assert bool(verdict.advice) == (condition is not GOOD)


@pytest.mark.parametrize(
    ("record", "condition", "finding"),
    [
        (KEY.text, GOOD, "is ours"),
        (f"k=rsa; p={VALUE[:60]} {VALUE[60:]};", GOOD, "is ours"),
        (f"p={VALUE}", GOOD, "is ours"),
        (f"v=DKIM1; h=sha1:sha256; s=email; n=note; p={VALUE}", GOOD, "is ours"),
        (f"v=DKIM1; t=y:s; p={VALUE}", ADVICE, "tested"),
        ("v=DKIM1; k=rsa; p=", WRONG, "revoked"),
        ("v=DKIM1; k=rsa", WRONG, "not our public key"),
        (f"v=DKIM1; k=ed25519; p={VALUE}", WRONG, "k= is not rsa"),
        (f"v=DKIM1; p={VALUE[:-4]}", WRONG, "not our public key"),
        ("v=DKIM1; p=???", WRONG, "not our public key"),
        (f"v=DKIM2; p={VALUE}", WRONG, "v= is not DKIM1"),
        (f"p={VALUE}; v=DKIM1", WRONG, "not first"),
        (f"v=DKIM1; h=sha1; p={VALUE}", WRONG, "sha256"),
        (f"v=DKIM1; s=other; p={VALUE}", WRONG, "email"),
        (f"v=DKIM1; p={VALUE}; p={VALUE}", WRONG, "comes twice"),
        ('"v=DKIM1" p', WRONG, "cannot be read"),
    ],
)  # fmt: skip
def test_says_how_a_dkim_record_is(record: str, condition: Condition, finding: str):
    expect(dkim(KEY), txt(KEY.name, record), condition, finding)


def test_a_missing_dkim_record_is_waited_for_only_by_a_new_key():
    new = PublicKey(D, "t20261122b", "rsa", VALUE, waits=True)
    expect(dkim(KEY), {}, WRONG, "there is no record")
    expect(dkim(new), {}, ADVICE, "waits")
    expect(dkim(KEY), txt(KEY.name, KEY.text, KEY.text), WRONG, "there are 2 records")


def test_a_record_is_written_in_strings_that_fit():
    line = zone_line(KEY)
    strings = line.split('"')[1::2]
    assert "".join(strings) == KEY.text
    assert max(map(len, strings)) == 255
    assert line.startswith("t20261122a._domainkey.example.com. 3600 IN TXT (")


@pytest.mark.parametrize(
    ("zone", "condition", "finding"),
    [
        (txt(f"_dmarc.news.{D}", "v=DMARC1; p=reject; rua=mailto:a@b.c"), GOOD, "is reject,"),
        (txt(f"_dmarc.{D}", "v=DMARC1; p=none; rua=mailto:a@b.c"), GOOD, f"none, of {D}"),
        (txt(f"_dmarc.{D}", "v=DMARC1; p=reject; sp=none; rua=mailto:a@b.c"), GOOD, "is none"),
        (txt(f"_dmarc.news.{D}", "v=DMARC1; p=none"), ADVICE, "nobody gets reports"),
        (txt(f"_dmarc.news.{D}", "v=DMARC1; rua=mailto:a@b.c"), WRONG, "names no policy"),
        (txt(f"_dmarc.news.{D}", "v=DMARC1; p=maybe"), WRONG, "names no policy"),
        (txt(f"_dmarc.news.{D}", "v=DMARC1; p=none", "v=DMARC1; p=reject"), WRONG, "several"),
        (txt(f"_dmarc.news.{D}", "v=DMARC1, p=none"), WRONG, "there is no DMARC record"),
        (txt(f"_dmarc.news.{D}", "p=none; v=DMARC1"), WRONG, "there is no DMARC record"),
        ({}, WRONG, "there is no DMARC record"),
    ],
)  # fmt: skip
def test_says_how_dmarc_is(zone: Zone, condition: Condition, finding: str):
    expect(dmarc(f"news.{D}"), zone, condition, finding)


def test_long_names_are_not_climbed_label_by_label():
    deep = ".".join(["x"] * 40 + [D])
    climbed: list[str] = []

    class Counting(dict):  # type: ignore[type-arg]
        def get(self, key: tuple[str, str], default: object = None) -> object:
            climbed.append(key[0])
            return super().get(key, default)

    asked(dmarc(deep), Counting())
    assert len(climbed) == 8


@pytest.mark.parametrize(
    ("envelope", "signs", "policy", "condition"),
    [
        (D, [D], "v=DMARC1; p=none", GOOD),
        (f"bounce.{D}", [D], "v=DMARC1; p=none", GOOD),
        (D, [], "v=DMARC1; p=none", ADVICE),
        ("relay.example", [D], "v=DMARC1; p=none", ADVICE),
        (f"bounce.{D}", [D], "v=DMARC1; p=none; aspf=s", ADVICE),
        ("relay.example", ["relay.example"], "v=DMARC1; p=none", WRONG),
        (f"bounce.{D}", [], "v=DMARC1; p=none; aspf=s", ADVICE),
        (f"bounce.{D}", [f"x.{D}"], "v=DMARC1; p=none; aspf=s; adkim=s", WRONG),
    ],
)
def test_says_whether_spf_and_dkim_speak_of_the_from(
    envelope: str, signs: list[str], policy: str, condition: Condition
):
    zone = {**txt(f"_dmarc.{D}", policy), **txt("_dmarc.relay.example", "v=DMARC1; p=none")}
    assert asked(alignment(D, envelope, signs), zone).condition is condition


def test_a_public_suffix_that_says_so_is_no_organisation():
    """Two shops below one suffix are not one another's."""
    zone = txt("_dmarc.shops.example", "v=DMARC1; p=none; psd=y")
    one, two = "one.shops.example", "two.shops.example"
    assert asked(alignment(one, two, [two]), zone).condition is WRONG
    assert asked(alignment(one, f"b.{one}", [two]), zone).condition is ADVICE


@pytest.mark.parametrize(
    ("zone", "condition", "finding"),
    [
        ({**mx(D, "20 b.x", "10 a.x"), **host("a.x", "192.0.2.1"), **host("b.x", "::1")}, GOOD,
         "bounces go to a.x"),
        ({**mx(D, "10 a.x", "20 b.x"), **host("a.x", "192.0.2.1")}, ADVICE, "b.x has no address"),
        (mx(D, "10 a.x"), WRONG, "a.x has no address"),
        (mx(D, "0 "), WRONG, "null MX"),
        (host(D, "192.0.2.1"), ADVICE, "no MX"),
        ({}, WRONG, "bounces are lost"),
        ({(D, "MX"): UnansweredError("x")}, UNKNOWN, "could not"),
    ],
)  # fmt: skip
def test_says_whether_bounces_arrive(zone: Zone, condition: Condition, finding: str):
    expect(bounces(D), zone, condition, finding)


@pytest.mark.parametrize(
    ("zone", "condition"),
    [(mx(D, "10 a.x"), GOOD), (host(D, "::1"), GOOD), (mx(D, "0 "), WRONG), ({}, WRONG)],
)
def test_says_whether_the_from_can_be_answered(zone: Zone, condition: Condition):
    assert asked(answers(D), zone).condition is condition


@pytest.mark.parametrize(
    ("names", "condition", "finding"),
    [
        (["mail.x"], GOOD, "mail.x, and back"),
        (["other.x", "mail.x"], GOOD, "and back"),
        (["other.x"], WRONG, "does not lead back"),
        ([], WRONG, "has no name"),
    ],
)
def test_says_whether_a_name_leads_back(names: list[str], condition: Condition, finding: str):
    for address in ("192.0.2.1", "2001:db8::1"):
        ours = ip_address(address)
        zone = {(ours.reverse_pointer, "PTR"): names, **host("mail.x", address)}
        expect(reverse(ours), zone, condition, finding)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.COM.", "example.com"),
        (" bücher.example ", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_reads_domains_as_people_write_them(text: str, name: str):
    assert read_domain(text) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "localhost", "a..b", "-a.example", "a_b.example", "192.0.2.1", "me@example.com",
     "https://example.com", f"{'x' * 64}.example", ".".join(["abcdefgh"] * 29), "a b.example",
     "\0.example", "xn--\u00e4.example", "*.example.com", "a.example; rm"],
)  # fmt: skip
def test_refuses_what_is_no_domain(text: str):
    with pytest.raises(ValueError, match="write it like example"):
        read_domain(text)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_record_is_too_strange_to_judge(text: str):
    for inquiry, name in ((dkim(KEY), KEY.name), (dmarc(D), f"_dmarc.{D}")):
        asked(inquiry, {(name, "TXT"): [text]})
        asked(inquiry, {(name, "TXT"): [f"v=DMARC1; {text}"]})
