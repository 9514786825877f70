"""SPF records as receivers read them."""

from ipaddress import ip_address

import pytest
from hypothesis import given, settings, strategies as st

from delivery.domains.inquiries import Condition, UnansweredError
from delivery.domains.spf import spf, suggested
from delivery.domains.spf_record import read_spf
from tests.unit.domains.zone import Zone, asked, host, mx, txt

D = "example.com"
OURS = [ip_address("192.0.2.1")]


def judged(zone: Zone, senders: object = OURS) -> tuple[Condition, str]:
    verdict = asked(spf(D, senders), zone)  # type: ignore[arg-type]
    assert bool(verdict.advice) == (verdict.condition is not Condition.GOOD)
    return verdict.condition, verdict.finding


@pytest.mark.parametrize(
    ("texts", "condition", "finding"),
    [
        (["v=spf1 ip4:192.0.2.0/24 ~all"], Condition.GOOD, "all our addresses may"),
        (["V=SPF1 IP4:192.0.2.0/24 -ALL"], Condition.GOOD, "all our"),
        (["hello", "v=spf1 ip4:192.0.2.1 -all"], Condition.GOOD, "all our"),
        (["v=spf1 a:mail.example.com/31 -all"], Condition.GOOD, "all our"),
        (["v=spf1 mx -all"], Condition.GOOD, "all our"),
        (["v=spf1 include:relay.example -all"], Condition.GOOD, "1 of 10"),
        (["v=spf1 redirect=relay.example"], Condition.GOOD, "1 of 10"),
        (["v=spf1 exists:%{i}.list.example -all"], Condition.GOOD, "1 of 10"),
        (["v=spf1 foo=bar ip4:192.0.2.1 -all"], Condition.GOOD, "all our"),
        ([], Condition.WRONG, "there is no SPF record"),
        (["v=spf10 -all", "spf"], Condition.WRONG, "there is no SPF record"),
        (["v=spf1 -all", "v=spf1 ~all"], Condition.WRONG, "there are 2"),
        (["v=spf1 ip4:192.0.2.1 +all"], Condition.WRONG, "lets everybody send"),
        (["v=spf1 ip4:192.0.2.1 all"], Condition.WRONG, "lets everybody send"),
        (["v=spf1 ip4:198.51.100.0/24 -all"], Condition.WRONG, "does not let 192.0.2.1 send"),
        (["v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 -all"], Condition.WRONG, "does not let"),
        (["v=spf1 ip6:2001:db8::/32 -all"], Condition.WRONG, "does not let"),
        (["v=spf1 ipv4:192.0.2.1 -all"], Condition.WRONG, "is no mechanism"),
        (["v=spf1 ip4:192.0.2.999 -all"], Condition.WRONG, "is no network of IPv4"),
        (["v=spf1 ip4:192.0.2.1/33 -all"], Condition.WRONG, "is no network of IPv4"),
        (["v=spf1 a/99 -all"], Condition.WRONG, "prefix that is too long"),
        (["v=spf1 include: -all"], Condition.WRONG, "is no mechanism"),
        (["v=spf1 include:\x1b[31m.example -all"], Condition.WRONG, "is no mechanism"),
        (["v=spf1 redirect=\x1b[31m.example"], Condition.WRONG, "is no mechanism"),
        (["v=spf1 all:x"], Condition.WRONG, "is no mechanism"),
        (["v=spf1 redirect=a.example redirect=b.example"], Condition.WRONG, "comes twice"),
        (["v=spf1 include:nowhere.example -all"], Condition.WRONG, "has no SPF record"),
        (["v=spf1 include:example.com -all"], Condition.WRONG, "includes itself"),
        (["v=spf1 a:x1 a:x2 a:x3 ip4:192.0.2.1 -all"], Condition.WRONG, "3 of its look-ups"),
        (["v=spf1 ip4:192.0.2.1"], Condition.ADVICE, "says nothing of other senders"),
        (["v=spf1 ip4:192.0.2.1 ?all"], Condition.ADVICE, "says nothing of other senders"),
        (["v=spf1 ip4:192.0.2.1 ptr -all"], Condition.ADVICE, "ptr"),
        (["v=spf1"], Condition.WRONG, "does not let"),
    ],
)  # fmt: skip
def test_says_how_a_record_is(texts: list[str], condition: Condition, finding: str):
    zone = {
        **txt(D, *texts),
        **txt("relay.example", "v=spf1 ip4:192.0.2.0/28 -all"),
        **mx(D, "10 mail.example.com"),
        **host("mail.example.com", "192.0.2.0", "192.0.2.1", "2001:db8::1"),
    }
    found = judged(zone)
    assert found[0] is condition, found
    assert finding in found[1]


def test_counts_look_ups_through_all_includes():
    leaf = {f"r{n}.example": "v=spf1 a:mail.example.com -all" for n in range(5)}
    zone = {key: value for name, text in leaf.items() for key, value in txt(name, text).items()}
    zone |= host("mail.example.com", "192.0.2.1")
    five = " ".join(f"include:{name}" for name in leaf)
    four = " ".join(f"include:{name}" for name in list(leaf)[:4])
    assert judged({**zone, **txt(D, f"v=spf1 {five} a:mail.example.com -all")}) == (
        Condition.WRONG, "it takes 11 or more look-ups, receivers make 10",
    )  # fmt: skip
    assert judged({**zone, **txt(D, f"v=spf1 {five} -all")})[0] is Condition.ADVICE
    assert judged({**zone, **txt(D, f"v=spf1 {four} -all")})[0] is Condition.GOOD


def test_does_not_follow_a_record_without_end():
    zone = {}
    for n in range(40):
        zone |= txt(f"n{n}.example", f"v=spf1 include:n{n + 1}.example a:m{n} a:k{n} -all")
    condition, finding = judged({**zone, **txt(D, "v=spf1 include:n0.example -all")})
    assert condition is Condition.WRONG
    assert "20 or more" in finding


def test_what_nobody_answers_is_no_fault():
    zone = {**txt(D, "v=spf1 include:relay.example -all")}
    broken = {("relay.example", "TXT"): UnansweredError("relay.example TXT: no answer in time")}
    condition, finding = judged({**zone, **broken})
    assert condition is Condition.UNKNOWN
    assert "could not look it up" in finding


def test_without_known_addresses_it_is_not_tried():
    condition, finding = judged(txt(D, "v=spf1 ip4:198.51.100.1 -all"), [])
    assert condition is Condition.GOOD
    assert "TIDINGS_SENDING_IPS" in finding


def test_suggests_a_record_that_is_one():
    record = read_spf(suggested([*OURS, ip_address("2001:db8::1")]))
    assert [term.name for term in record.terms] == ["ip4", "ip6", "all"]


@pytest.mark.timeout(5)
def test_a_hostile_record_takes_no_time():
    for word in ("a:" + "%{}" * 5000 + "/", "exists:" + "%{" * 9000, "a:" + "%" * 9000 + "/x"):
        assert judged(txt(D, f"v=spf1 {word} -all"))[0] is Condition.WRONG


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_any_nonsense_is_a_value_error_at_most(text: str):
    judged({(D, "TXT"): [f"v=spf1 {text}"]})
