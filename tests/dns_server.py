"""A name server on a local port, over UDP and TCP, that answers what a test says."""

import asyncio
import struct
from collections.abc import Mapping, Sequence
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

SILENT, GARBAGE, SERVFAIL, REFUSED = "silent", "garbage", "servfail", "refused"
Zone = Mapping[tuple[str, str], Sequence[str] | str]
"""By name and kind of record: data as a zone file has it, or one of the troubles above."""
_CODES = {SERVFAIL: dns.rcode.SERVFAIL, REFUSED: dns.rcode.REFUSED}
_FITS = 512


class NameServer:
    """`async with NameServer(zone) as server:`; `server.asked` is what came, with its way."""

    def __init__(self, zone: Zone) -> None:
        self.zone = dict(zone)
        self.asked: list[tuple[str, str, str]] = []
        self.address = ("127.0.0.1", 0)

    async def __aenter__(self) -> Self:
        self._tcp = await asyncio.start_server(self._stream, "127.0.0.1", 0)
        self.address = self._tcp.sockets[0].getsockname()[:2]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=self.address
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._udp.close()
        self._tcp.close()
        await self._tcp.wait_closed()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
        said = self.answer(await reader.readexactly(length), "tcp")
        if said is not None:
            writer.write(struct.pack("!H", len(said)) + said)
        writer.close()

    def answer(self, wire: bytes, way: str) -> bytes | None:
        """What is said to a question; what does not fit into a datagram is cut off."""
        asked = dns.message.from_wire(wire)
        (question,) = asked.question
        name, kind = question.name.to_text(omit_final_dot=True).lower(), question.rdtype.name
        self.asked.append((name, kind, way))
        found = self.zone.get((name, kind))
        if found == SILENT:
            return None
        if found == GARBAGE:
            return wire[:2] + b"\x81\x80\x00\x01\x00\x09garbage"
        reply = dns.message.make_response(asked)
        if isinstance(found, str):
            reply.set_rcode(_CODES[found])
            return reply.to_wire()
        self._fill(reply, name, kind)
        whole = reply.to_wire()
        if way == "udp" and len(whole) > _FITS:
            reply.answer, reply.flags = [], reply.flags | dns.flags.TC
            return reply.to_wire()
        return whole

    def _fill(self, reply: dns.message.Message, name: str, kind: str) -> None:
        while alias := self.zone.get((name, "CNAME")):
            reply.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", alias[0]))
            name = alias[0].rstrip(".")
        if values := self.zone.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *values))
        elif not any(there == name for there, _ in self.zone):
            reply.set_rcode(dns.rcode.NXDOMAIN)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if (said := self._server.answer(data, "udp")) is not None:
            self._transport.sendto(said, addr)  # type: ignore[attr-defined]
