"""The settings that say who sends and whom to ask."""

import pytest

from delivery.settings import DeliverySettings


def read(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> DeliverySettings:
    monkeypatch.setenv(f"TIDINGS_{name}", value)
    return DeliverySettings()


@pytest.mark.parametrize(
    ("text", "servers"),
    [
        ("", ()),
        ("192.0.2.1", (("192.0.2.1", 53),)),
        ("192.0.2.1:5353, 2001:db8::1", (("192.0.2.1", 5353), ("2001:db8::1", 53))),
        ("[2001:db8::1]:5353,[::1]", (("2001:db8::1", 5353), ("::1", 53))),
    ],
)
def test_name_servers_are_addresses_with_ports(
    monkeypatch: pytest.MonkeyPatch, text: str, servers: object
):
    assert read(monkeypatch, "DNS_SERVERS", text).dns_servers == servers


def test_sending_addresses_are_of_both_kinds(monkeypatch: pytest.MonkeyPatch):
    found = read(monkeypatch, "SENDING_IPS", "192.0.2.1, 2001:db8::1").sending_ips
    assert [str(address) for address in found] == ["192.0.2.1", "2001:db8::1"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DNS_SERVERS", "dns.example"), ("DNS_SERVERS", "192.0.2.1:0"),
        ("DNS_SERVERS", "192.0.2.1:x"), ("DNS_SERVERS", "192.0.2.1:70000"), ("DNS_SERVERS", "[]"),
        ("SENDING_IPS", "mail.example"), ("SENDING_IPS", "192.0.2.0/24"),
        ("SENDING_IPS", "300.1.1.1"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str):
    with pytest.raises(ValueError, match=name.lower()):
        read(monkeypatch, name, value)
