"""From a target to an open, encrypted, authenticated session."""

import asyncio
from asyncio import Transport
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from ssl import SSLCertVerificationError, SSLError
from typing import Any

from delivery.errors import AccountError, UnavailableError
from delivery.providers.smtp.dialogue import Dialogue
from delivery.providers.smtp.extensions import Extensions, read_extensions
from delivery.providers.smtp.replies import Answer, refusal
from delivery.providers.smtp.stages import Stage
from delivery.providers.smtp.target import Target, Tls
from delivery.providers.smtp.timeouts import Timeouts

_READY, _CHALLENGE, _OK = 2, 3, 2


@dataclass(frozen=True, slots=True)
class Session:
    """A connection on which messages may follow."""

    transport: Transport
    extensions: Extensions


async def open_session(target: Target, timeouts: Timeouts) -> Session:
    """Connect, greet, encrypt and authenticate, as the target asks.

    Raises:
        UnavailableError: The server is not there, not now, or does not answer in time.
        ThrottledError: It asks us to come less often.
        AccountError: It does not let us in, or only in a way that is not safe.
    """
    dialogue = await _connect(target, timeouts)
    try:
        return await _Handshake(dialogue, target, timeouts).run()
    except BaseException:
        dialogue.transport.abort()
        raise


async def _connect(target: Target, timeouts: Timeouts) -> Dialogue:
    implicit = target.tls is Tls.IMPLICIT
    secure: dict[str, Any] = (
        {"ssl": target.context(), "server_hostname": target.host} if implicit else {}
    )
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeouts.connect):
            _, dialogue = await loop.create_connection(Dialogue, target.host, target.port, **secure)
    except OSError as error:
        raise _unreachable(error, target, "cannot connect") from error
    return dialogue


def _unreachable(error: OSError, target: Target, what: str) -> UnavailableError | AccountError:
    where = f"{target.host}:{target.port}"
    if isinstance(error, SSLCertVerificationError):
        return AccountError(f"{where}: bad certificate: {error.verify_message}")
    if isinstance(error, SSLError):
        return UnavailableError(f"{where}: {what}: TLS failed: {error.reason}")
    return UnavailableError(f"{where}: {what}: {error.strerror or type(error).__name__}")


class _Handshake:
    """One handshake, step by step."""

    def __init__(self, dialogue: Dialogue, target: Target, timeouts: Timeouts) -> None:
        self._dialogue = dialogue
        self._target = target
        self._timeouts = timeouts
        self._encrypted = target.tls is Tls.IMPLICIT

    async def run(self) -> Session:
        """Greeting, EHLO, STARTTLS and EHLO again, AUTH."""
        greeting = await self._dialogue.ask(b"", Stage.GREETING, self._timeouts.greeting)
        _demand(greeting, _READY, Stage.GREETING)
        extensions = await self._hello()
        if self._target.tls is Tls.STARTTLS:
            await self._encrypt(extensions)
            extensions = await self._hello()
        if self._target.user:
            await self._authenticate(extensions)
        if self._dialogue.forget():
            raise UnavailableError("the server speaks unasked")
        return Session(self._dialogue.transport, extensions)

    async def _ask(self, command: bytes, stage: Stage) -> Answer:
        return await self._dialogue.ask(command + b"\r\n", stage, self._timeouts.command)

    async def _hello(self) -> Extensions:
        name = (self._target.helo or self._literal()).encode()
        answer = await self._ask(b"EHLO " + name, Stage.EHLO)
        if answer.code in {500, 502}:  # older than 1995: RFC 5321, section 3.2
            _demand(await self._ask(b"HELO " + name, Stage.EHLO), _OK, Stage.EHLO)
            return Extensions()
        _demand(answer, _OK, Stage.EHLO)
        return read_extensions(answer)

    def _literal(self) -> str:
        """Our end's address literal (RFC 5321, section 4.1.3): right without asking DNS."""
        address = ip_address(self._dialogue.transport.get_extra_info("sockname")[0])
        return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"  # noqa: PLR2004

    async def _encrypt(self, extensions: Extensions) -> None:
        if not extensions.starttls:
            raise AccountError(f"{self._target.host} offers no STARTTLS; tls=none would allow that")
        _demand(await self._ask(b"STARTTLS", Stage.STARTTLS), _READY, Stage.STARTTLS)
        self._dialogue.forget()
        self._dialogue.transport = await self._upgraded()
        self._encrypted = True

    async def _upgraded(self) -> Transport:
        try:
            transport = await asyncio.get_running_loop().start_tls(
                self._dialogue.transport,
                self._dialogue,
                self._target.context(),
                server_hostname=self._target.host,
                ssl_handshake_timeout=self._timeouts.connect,
            )
        except OSError as error:
            raise _unreachable(error, self._target, "STARTTLS") from error
        if transport is None:
            raise UnavailableError("STARTTLS: the connection was lost")
        return transport

    async def _authenticate(self, extensions: Extensions) -> None:
        if not (self._encrypted or self._target.clear_auth):
            raise AccountError("the password would go in the clear; auth=insecure allows that")
        if "PLAIN" in extensions.auth:
            answer = await self._plain()
        elif "LOGIN" in extensions.auth:
            answer = await self._login()
        else:
            raise AccountError(f"{self._target.host} offers neither AUTH PLAIN nor LOGIN")
        _demand(answer, _OK, Stage.AUTH)

    async def _plain(self) -> Answer:
        secret = f"\0{self._target.user}\0{self._target.password}"  # RFC 4616
        return await self._ask(b"AUTH PLAIN " + _base64(secret), Stage.AUTH)

    async def _login(self) -> Answer:
        _demand(await self._ask(b"AUTH LOGIN", Stage.AUTH), _CHALLENGE, Stage.AUTH)
        answer = await self._ask(_base64(self._target.user), Stage.AUTH)
        _demand(answer, _CHALLENGE, Stage.AUTH)
        return await self._ask(_base64(self._target.password), Stage.AUTH)


def _base64(text: str) -> bytes:
    return b64encode(text.encode())


def _demand(answer: Answer, kind: int, stage: Stage) -> None:
    """Go on only after an answer of this kind."""
    if answer.code // 100 == kind:
        return
    if answer.code // 100 in {4, 5}:
        raise refusal(answer, stage)
    raise UnavailableError(f"{stage}: the server's answer makes no sense")
