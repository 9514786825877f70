"""Asks DNS: the only place that does. Answers are never kept longer than one look at a domain."""

from collections.abc import Sequence
from contextlib import suppress

from dns.asyncresolver import Resolver as Stub
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.rdata import Rdata
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, LifetimeTimeout, NoAnswer, NoNameservers, NoResolverConfiguration

from delivery.domains.inquiries import Answer, Question, UnansweredError

_TRIED_FOR = 1.2
"""Seconds that one name server is given for one datagram."""
_GIVEN_UP_AFTER = 4.0
_PAYLOAD = 1232
"""Octets that pass everywhere in one datagram (DNS Flag Day 2020); what is longer comes by TCP."""

Servers = Sequence[tuple[str, int]]
"""Addresses and ports."""


class Resolver:
    """A stub resolver (RFC 1034, section 5.3.1).

    Args:
        servers: Whom to ask; none: those of the system.
        patience: Seconds after which a question stays unanswered.
    """

    def __init__(self, servers: Servers = (), patience: float = _GIVEN_UP_AFTER) -> None:
        self._stub = Stub(configure=False)
        with suppress(NoResolverConfiguration):  # then every question says so
            self._stub = Stub(configure=not servers)
        if servers:
            self._stub.nameservers = [Do53Nameserver(address, port) for address, port in servers]
        self._stub.use_edns(0, 0, _PAYLOAD)
        self._stub.timeout, self._stub.lifetime = _TRIED_FOR, patience

    async def ask(self, question: Question) -> Answer:
        """What DNS says; aliases (CNAME) are followed.

        Raises:
            UnansweredError: Nobody could say.
        """
        name = f"{question.name}."
        try:
            found = await self._stub.resolve(name, str(question.record), search=False)
        except NXDOMAIN:
            return Answer(exists=False)
        except NoAnswer:
            return Answer()
        except (DNSException, OSError, UnicodeError, ValueError) as error:
            raise UnansweredError(f"{question.name} {question.record}: {_why(error)}") from None
        return Answer(tuple(map(_text, found)))


def _why(error: Exception) -> str:
    match error:
        case LifetimeTimeout():
            return "no answer in time"
        case NoNameservers():
            return "no name server could tell"
        case _:
            return type(error).__name__


def _text(data: Rdata) -> str:
    """A record's data as `inquiries.Answer` wants it."""
    match data:
        case TXT():
            return b"".join(data.strings).decode("utf-8", "replace")
        case MX():
            return f"{data.preference} {_name(str(data.exchange))}"
        case _:
            return _name(data.to_text())


def _name(text: str) -> str:
    return text.rstrip(".").lower()
