"""Mail servers on real sockets: one that behaves, made to misbehave by overriding a method."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

GO_AHEAD = b"354 go ahead"
OK = b"250 2.0.0 ok"


class Hangup(Exception):  # noqa: N818 - an order, not an error
    """Raised by a server's method: close the connection without a word."""


@dataclass
class Kept:
    """One message that the server took."""

    recipient: str
    content: bytes
    mail: str


@dataclass
class Client:
    """One connection, as the server sees it."""

    reader: StreamReader
    writer: StreamWriter
    number: int
    line: str = ""
    mail: str = ""
    recipient: str = ""
    content: bytes = b""
    transactions: int = 0

    async def say(self, line: bytes) -> None:
        self.writer.write(line + b"\r\n")
        await self.writer.drain()


@dataclass
class MailServer:
    """Takes every message. Override a verb's method to answer something else."""

    extensions: tuple[str, ...] = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 1000000")
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    kept: list[Kept] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    dots: int = 0
    connections: int = 0
    dropped: int = 0
    port: int = 0

    async def __aenter__(self) -> Self:
        context = self.tls if self.implicit else None
        self._sessions: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._sessions.add(task)
        self.connections += 1
        client = Client(reader, writer, self.connections)
        try:
            await self.session(client)
        except (Hangup, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            self.dropped += 1
        except asyncio.CancelledError:
            pass
        finally:
            client.writer.transport.abort()
            self._sessions.discard(task)

    async def session(self, client: Client) -> None:
        await self.greet(client)
        while line := await client.reader.readline():
            client.line = line.decode().rstrip("\r\n")
            self.lines.append(client.line)
            verb = client.line[:4].upper()
            answer = await getattr(self, verb.lower(), self.unknown)(client)
            if answer is not None:
                await client.say(answer)
            if answer == GO_AHEAD:
                await self._content(client)
            if verb == "QUIT":
                return

    async def _content(self, client: Client) -> None:
        content = bytearray()
        while (line := await client.reader.readline()) != b".\r\n":
            if not line:
                raise Hangup
            content += line[1:] if line.startswith(b".") else line
        self.dots += 1
        client.transactions += 1
        client.content = bytes(content)
        answer = await self.dot(client)
        if answer[:1] == b"2":
            self.keep(client)
        client.mail = client.recipient = ""
        await client.say(answer)

    def keep(self, client: Client) -> None:
        self.kept.append(Kept(client.recipient, client.content, client.mail))

    async def greet(self, client: Client) -> None:
        await client.say(b"220 test ESMTP")

    async def ehlo(self, client: Client) -> bytes:
        offered = list(self.extensions)
        if self.tls and not self.implicit and not client.writer.get_extra_info("ssl_object"):
            offered.append("STARTTLS")
        lines = ["test", *offered]
        marked = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
        return "\r\n".join(marked).encode()

    async def starttls(self, client: Client) -> None:
        assert self.tls
        await client.say(b"220 go on")
        await client.writer.start_tls(self.tls)

    async def star(self, client: Client) -> None:
        await self.starttls(client)

    async def mail(self, client: Client) -> bytes:
        if client.mail:
            return b"503 5.5.1 nested MAIL"
        client.mail = client.line
        return b"250 2.1.0 sender ok"

    async def rcpt(self, client: Client) -> bytes:
        if not client.mail:
            return b"503 5.5.1 no MAIL"
        client.recipient = client.line.partition("<")[2].partition(">")[0]
        return b"250 2.1.5 recipient ok"

    async def data(self, client: Client) -> bytes:
        return GO_AHEAD if client.recipient else b"503 5.5.1 no recipient"

    async def dot(self, client: Client) -> bytes:
        return b"250 2.0.0 Ok: queued as %d" % client.transactions

    async def rset(self, client: Client) -> bytes:
        client.mail = client.recipient = ""
        return OK

    async def quit(self, _: Client) -> bytes:
        return b"221 2.0.0 bye"

    async def unknown(self, _: Client) -> bytes:
        return b"502 5.5.1 unknown"

    def verbs(self) -> Counter[str]:
        return Counter(line[:4].upper() for line in self.lines)


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate for 127.0.0.1 and localhost."""

    file: Path
    context: ssl.SSLContext


def self_signed(folder: Path) -> Certificate:
    """Make one; `file` holds key and certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return Certificate(file, context)
