"""Who knocks: what a request tells of the browser and of where it stands. Pure."""

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from starlette.requests import Request

_LONGEST = 200
_KEPT = {4: 24, 6: 48}
"""Bits of an address that are kept where a person may read it."""
_HOME = {4: 32, 6: 64}
"""Bits that one client cannot easily change."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request came from.

    Attributes:
        agent: What the browser calls itself.
        client: The network address; of a proxy that is not trusted, its own.
    """

    agent: str
    client: str

    @property
    def network(self) -> str:
        """The client without the part that tells one machine from another."""
        return _cut(self.client, _KEPT)

    @property
    def home(self) -> str:
        """The client as tries are counted: an IPv6 network is one client."""
        return _cut(self.client, _HOME)


def _cut(client: str, kept: dict[int, int]) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return "unknown"
    return str(ip_network((address, kept[address.version]), strict=False))


def visitor(request: Request) -> Visitor:
    """Who sent a request."""
    agent = request.headers.get("user-agent", "")[:_LONGEST]
    return Visitor(
        "".join(filter(str.isprintable, agent)), request.client.host if request.client else ""
    )
