"""Hosts and their addresses."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from delivery.domains.inquiries import Question, Record, Story

Address = IPv4Address | IPv6Address


def addresses_of(host: str) -> Story[list[Address]]:
    """The addresses of a host, of both kinds."""
    four = yield Question(host, Record.A)
    six = yield Question(host, Record.AAAA)
    return [ip_address(value) for value in (*four.values, *six.values)]
