"""What lets people in: passwords, pauses, forms, paths, clients. Pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg

from dashboard.door import cookie, csrf, passwords
from dashboard.door.gate import is_public
from dashboard.door.onward import safe_next
from dashboard.door.tries import ADDRESS, CLIENT, Rule, after, given_back, pause
from dashboard.door.visitor import Visitor
from dashboard.door.watch import is_by_hand
from models.people import Tries

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
KEY = b"k" * 32


@pytest.mark.parametrize(
    "password",
    [
        "walrus tin sofa up", "Nebel über Kreuzberg", "q8!Zr4mVxP0wLd1", "ключ под ковриком",
        "🐙🐙 drei Kraken!!",
    ],
)  # fmt: skip
def test_a_long_password_will_do(password: str):
    assert passwords.fault_in(password, "Ada Park", "ada@example.com") is None


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 15"), ("é" * 14, "at least 15"), ("x y" * 100, "at most 256"),
        ("aaaaaaaaaaaaaaaaaaaa", "first"), ("abcabcabcabcabcabc", "first"),
        ("passwordpassword1", "first"), ("123456789012345", "first"),
        ("qwertyuiopasdfgh", "first"), ("abcdefghijklmnop", "first"),
        ("adapark@example.com", "first"), ("AdaParkAdaPark12", "first"),
        ("tidingstidings123", "first"), ("letmeinletmein123", "first"),
    ],
)  # fmt: skip
def test_what_others_would_try_first_will_not_do(password: str, says: str):
    found = passwords.fault_in(password, "Ada Park", "ada@example.com")
    assert found
    assert says in found


def test_a_password_fits_its_hash_however_it_was_typed():
    kept = passwords.hashed("Nebel u\u0308ber Kreuzberg")

    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, "Nebel über Kreuzberg")
    assert not passwords.fits(kept, "nebel über kreuzberg")
    assert not passwords.fits(None, "nobody's")
    assert not passwords.is_dated(kept)
    assert passwords.is_dated(kept.replace("t=3", "t=2"))


@pytest.mark.parametrize(
    ("failures", "rule", "seconds"),
    [
        (0, ADDRESS, 0), (5, ADDRESS, 0), (6, ADDRESS, 10), (7, ADDRESS, 20), (10, ADDRESS, 160),
        (30, ADDRESS, 86_400), (10_000, ADDRESS, 86_400), (20, CLIENT, 0), (21, CLIENT, 10),
        (40, CLIENT, 900),
    ],
)  # fmt: skip
def test_each_failure_more_costs_more(failures: int, rule: Rule, seconds: int):
    assert pause(failures, rule) == timedelta(seconds=seconds)


@settings(max_examples=50)
@given(st.lists(st.integers(0, 90_000), max_size=60))
def test_in_a_month_nobody_tries_a_hundred_passwords_of_one_person(gaps: list[int]):
    tries, at, looked_at = Tries(b"", 0, NOW, NOW), NOW, 0
    for gap in gaps:
        at = max(at + timedelta(seconds=gap), tries.free_at)
        if at > NOW + timedelta(days=30):
            break
        tries, looked_at = after(tries, ADDRESS, at), looked_at + 1
    assert looked_at <= 50


def test_failures_are_forgotten_after_a_while_and_a_good_try_is_given_back():
    many = Tries(b"", 30, NOW, NOW)

    assert after(many, CLIENT, NOW + timedelta(hours=2)).failures == 1
    assert given_back(after(many, CLIENT, NOW), NOW) == many


def test_a_form_is_believed_with_the_token_of_its_session_alone():
    token = csrf.token(KEY, "mine")

    assert csrf.is_ours(KEY, "mine", token)
    for bound, given_ in (("yours", token), ("", csrf.token(KEY, "")), ("mine", ""), ("mine", "é")):
        assert not csrf.is_ours(KEY, bound, given_)


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({}, "ours"),
        ({"origin": "https://console.example", "host": "console.example"}, "ours"),
        ({"origin": "http://localhost:8501", "host": "localhost:8501"}, "ours"),
        ({"origin": "https://evil.example", "host": "console.example"}, "foreign"),
        ({"origin": "null", "host": "console.example"}, "foreign"),
        ({"origin": "https://console.example.evil", "host": "console.example"}, "foreign"),
        ({"sec-fetch-site": "same-origin"}, "ours"),
        ({"sec-fetch-site": "none"}, "ours"),
        ({"sec-fetch-site": "same-site"}, "foreign"),
        ({"sec-fetch-site": "cross-site"}, "foreign"),
    ],
)
def test_what_another_site_sent_is_foreign(headers: dict[str, str], verdict: str):
    assert csrf.is_foreign(headers) == (verdict == "foreign")


@pytest.mark.parametrize(
    "path", ["/login", "/login/link", "/healthz", "/static/js/x.js", "/app/static/logo.svg"]
)
def test_what_shows_no_data_is_public(path: str):
    assert is_public(path)


@pytest.mark.parametrize(
    "path",
    ["/", "//login", "/LOGIN", "/login/", "/loginx", "/static/../x", "/static/%2e%2e/x",
     "/static\\..\\x", "/app/static", "/account"],
)  # fmt: skip
def test_everything_else_is_not(path: str):
    assert not is_public(path)


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil", "/a\\b", "evil", "", "/a\nb"]
)
def test_nobody_is_sent_elsewhere(target: str):
    assert safe_next(target) == "/"
    assert safe_next("/deliveries?state=Sent") == "/deliveries?state=Sent"


@pytest.mark.parametrize(
    ("client", "network", "home"),
    [
        ("192.0.2.77", "192.0.2.0/24", "192.0.2.77/32"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("testclient", "unknown", "unknown"),
        ("", "unknown", "unknown"),
    ],
)
def test_of_a_client_only_the_network_is_shown(client: str, network: str, home: str):
    one = Visitor("", client)
    assert (one.network, one.home) == (network, home)


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("other=1; x=yes", "yes"),
        ("", ""),
        ("a=b", ""),
        ("x=", ""),
        ("\x00", ""),
        ("__Host-x=1", ""),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(header: str, value: str):
    assert cookie.read(header, "x") == value


def test_a_page_that_refreshes_itself_does_nothing():
    by_hand, by_itself = BackMsg(), BackMsg()
    by_hand.rerun_script.query_string = "a=1"
    by_itself.rerun_script.is_auto_rerun = True

    told = [by_hand.SerializeToString(), by_itself.SerializeToString(), b"\xff", None]
    assert [is_by_hand({"type": "websocket.receive", "bytes": each}) for each in told] == [
        True, False, False, False,
    ]  # fmt: skip
    assert not is_by_hand({"type": "websocket.disconnect"})
