"""Where to and how: what an account's URL says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from ssl import CERT_NONE, SSLContext, create_default_context
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from delivery.errors import AccountError
from delivery.providers.smtp.vendors import STREAMED, Vendor, vendor_at

_OPTIONS = frozenset(
    {"tls", "verify", "ca", "auth", "connections", "messages", "helo", "vendor", "stream"}
)
_STREAM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HELO = re.compile(r"[A-Za-z0-9.:\[\]-]*")

_CONNECTIONS = 10
_MESSAGES = 100


class Tls(StrEnum):
    """When the session becomes encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    """After EHLO (RFC 3207), or not at all: never silently in the clear."""
    IMPLICIT = "implicit"
    """From the first byte (RFC 8314)."""


@dataclass(frozen=True, slots=True)
class Target:
    """One SMTP server and how to speak to it.

    Attributes:
        host: Name or address.
        port: TCP port.
        tls: When the session becomes encrypted.
        verify: Whether the server's certificate must be good for `host`.
        ca: File with the certificates to trust, instead of the system's.
        user: Name to authenticate with; empty for none.
        password: Goes with `user`.
        clear_auth: The password may go over an unencrypted connection.
        connections: Most connections at once.
        messages: Most messages over one connection.
        helo: The name we greet with; empty: the address literal of the connection.
        vendor: Whose fields name our deliveries; `None`: nobody's.
        stream: The vendor's message stream or configuration set; empty: as it is set up there.
    """

    host: str
    port: int
    tls: Tls
    verify: bool = True
    ca: str | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    clear_auth: bool = False
    connections: int = _CONNECTIONS
    messages: int = _MESSAGES
    helo: str = ""
    vendor: Vendor | None = None
    stream: str = ""

    def context(self) -> SSLContext:
        """The TLS settings for this server.

        Raises:
            AccountError: The file with the trusted certificates cannot be read.
        """
        try:
            return _context(self.ca, self.verify)
        except OSError as error:
            raise AccountError(f"cannot read the certificates in {self.ca}: {error}") from error


@lru_cache(maxsize=64)
def _context(ca: str | None, verify: bool) -> SSLContext:  # noqa: FBT001 - it is a cache key
    # Reading the system's certificates takes milliseconds: once, not once a connection.
    context = create_default_context(cafile=ca)
    if not verify:
        context.check_hostname = False
        context.verify_mode = CERT_NONE
    return context


def read_target(url: str) -> Target:
    """The server that a URL like `smtp://user:pass@host:port?tls=starttls` names.

    Raises:
        AccountError: It names none; the text tells why and shows no credentials.
    """
    try:
        return _read(urlsplit(url))
    except ValueError as error:
        raise AccountError(f"bad SMTP URL: {error}") from None


def _read(parts: SplitResult) -> Target:
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError("it must begin with smtp:// or smtps://")
    if not parts.hostname:
        raise ValueError("it names no host")
    parts.hostname.encode("idna")
    options = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    if unknown := options.keys() - _OPTIONS:
        raise ValueError(f"unknown option {min(unknown)}; known are {', '.join(sorted(_OPTIONS))}")
    loopback = is_loopback(parts.hostname)
    tls = _tls(parts.scheme, options.get("tls"), Tls.NONE if loopback else Tls.STARTTLS)
    user = unquote(parts.username or "")
    vendor = _vendor(options.get("vendor"), parts.hostname)
    return Target(
        host=parts.hostname,
        port=parts.port or _port(tls, user),
        tls=tls,
        verify=_choice(options, "verify", ("yes", "no")) == "yes",
        ca=options.get("ca"),
        user=user,
        password=unquote(parts.password or ""),
        clear_auth=_choice(options, "auth", ("tls", "insecure")) == "insecure" or loopback,
        connections=_count(options, "connections", _CONNECTIONS),
        messages=_count(options, "messages", _MESSAGES),
        helo=_name(options.get("helo", "")),
        vendor=vendor,
        stream=_stream(options.get("stream"), vendor),
    )


def _vendor(wish: str | None, host: str) -> Vendor | None:
    if wish is None:
        return vendor_at(host)
    if wish not in {"none", *Vendor}:
        raise ValueError(f"vendor must be one of {', '.join(Vendor)}, or none")
    return None if wish == "none" else Vendor(wish)


def _stream(text: str | None, vendor: Vendor | None) -> str:
    if text is None:
        return ""
    if vendor not in STREAMED:
        raise ValueError(f"stream is for {' and '.join(sorted(STREAMED))} alone")
    if not _STREAM.fullmatch(text):
        raise ValueError("stream must be 1 to 64 letters, digits, hyphens or underscores")
    return text


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _tls(scheme: str, wish: str | None, otherwise: Tls) -> Tls:
    if wish is not None and wish not in set(Tls):
        raise ValueError("tls must be none, starttls or implicit")
    if scheme == "smtps":
        if wish not in {None, Tls.IMPLICIT}:
            raise ValueError(f"smtps:// is implicit TLS, not tls={wish}")
        return Tls.IMPLICIT
    return Tls(wish) if wish else otherwise


def _port(tls: Tls, user: str) -> int:
    # RFC 8314 and RFC 6409: submissions, submission; else plain relay.
    if tls is Tls.IMPLICIT:
        return 465
    return 587 if user else 25


def _choice(options: Mapping[str, str], name: str, allowed: tuple[str, str]) -> str:
    value = options.get(name, allowed[0])
    if value not in allowed:
        raise ValueError(f"{name} must be {allowed[0]} or {allowed[1]}")
    return value


def _name(text: str) -> str:
    if not _HELO.fullmatch(text):
        raise ValueError("helo must be a host name or an address literal")
    return text


def _count(options: Mapping[str, str], name: str, otherwise: int) -> int:
    text = options.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError(f"{name} must be a number from 1")
    return int(text)
