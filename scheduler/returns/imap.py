"""An IMAP mailbox as a way in (RFC 3501): what is unseen is taken, then marked or moved.

Each look is a session of its own, so no UID outlives the UIDVALIDITY under which it was told.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from imaplib import IMAP4, IMAP4_SSL
from ssl import SSLContext, create_default_context
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from delivery.bounces.reading import LONGEST_MAIL
from delivery.providers.smtp.target import Tls, is_loopback
from scheduler.returns.desk import Way

_OPTIONS = frozenset({"tls", "ca", "done", "every"})
_PATIENCE = 60.0
"""Seconds for each answer of the server."""
_PORTS = {Tls.IMPLICIT: 993, Tls.STARTTLS: 143, Tls.NONE: 143}


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the mail lies.

    Attributes:
        folder: That is looked into.
        done: Folder to which what was taken is moved; empty: it is marked as seen.
        every: Seconds between two looks.
    """

    host: str
    port: int
    tls: Tls
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    done: str = ""
    every: float = 60.0
    ca: str | None = None

    def context(self) -> SSLContext:
        """The TLS settings for this server."""
        return create_default_context(cafile=self.ca)


def read_url(url: str) -> Mailbox | None:
    """The mailbox that a URL names; none where it is empty.

    Raises:
        ValueError: It names none; the text tells why and shows no credentials.
    """
    try:
        return _read(urlsplit(url)) if url else None
    except ValueError as error:
        raise ValueError(f"TIDINGS_BOUNCE_IMAP_URL: {error}") from None


def _read(parts: SplitResult) -> Mailbox:
    if parts.scheme not in {"imap", "imaps"}:
        raise ValueError("it must begin with imap:// or imaps://")
    if not parts.hostname or not parts.username:
        raise ValueError("it names no host or no user")
    options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    if unknown := options.keys() - _OPTIONS:
        raise ValueError(f"unknown option {min(unknown)}; known are {', '.join(sorted(_OPTIONS))}")
    tls = _tls(parts, options.get("tls"))
    return Mailbox(
        host=parts.hostname,
        port=parts.port or _PORTS[tls],
        tls=tls,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        done=options.get("done", ""),
        every=_seconds(options.get("every", "60")),
        ca=options.get("ca"),
    )


def _tls(parts: SplitResult, wish: str | None) -> Tls:
    here = is_loopback(parts.hostname or "")
    tls = Tls(wish or (Tls.NONE if here and parts.scheme == "imap" else Tls.IMPLICIT))
    if parts.scheme == "imaps" and tls is not Tls.IMPLICIT:
        raise ValueError("imaps:// is implicit TLS")
    if tls is Tls.NONE and not here:
        raise ValueError("a password goes in the clear to nobody but this machine: tls=starttls")
    return tls


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError("every is a number of seconds from 1")
    return float(text)


class _Client:
    """One session; every method waits for the server, so it runs in a thread."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._imap = _connected(mailbox)
        try:
            self._imap.login(mailbox.user, mailbox.password)
            self._require_move()
            _must(self._imap.select(_quoted(mailbox.folder)))
        except BaseException:
            self._imap.shutdown()
            raise

    def _require_move(self) -> None:
        # Servers tell strangers less: what was said before the login does not count.
        known = b" ".join(_must(self._imap.capability())).upper().split()
        if self._mailbox.done and b"MOVE" not in known:
            raise IMAP4.error("the server cannot move mail (RFC 6851): leave done= out of the URL")

    def unseen(self) -> list[str]:
        """UIDs, in the order in which the mails came."""
        (found,) = _must(self._imap.uid("SEARCH", "UNSEEN"))
        return [] if found is None else found.decode().split()

    def beginning(self, uid: str) -> bytes | None:
        """As much of a mail as is read; nothing where it is gone. It stays unseen."""
        said = _must(self._imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LONGEST_MAIL}>)"))
        return next((part[1] for part in said if isinstance(part, tuple)), None)

    def put_aside(self, uid: str, *, odd: bool) -> None:
        """Mark it, and move it where that is wished."""
        flags = r"(\Seen \Flagged)" if odd else r"(\Seen)"
        _must(self._imap.uid("STORE", uid, "+FLAGS.SILENT", flags))
        if self._mailbox.done:
            _must(self._imap.uid("MOVE", uid, _quoted(self._mailbox.done)))

    def close(self) -> None:
        """Say goodbye; who does not answer is left."""
        with suppress(OSError, IMAP4.error):
            self._imap.logout()


def _connected(mailbox: Mailbox) -> IMAP4:
    host, port = mailbox.host, mailbox.port
    if mailbox.tls is Tls.IMPLICIT:
        return IMAP4_SSL(host, port, ssl_context=mailbox.context(), timeout=_PATIENCE)
    imap = IMAP4(host, port, timeout=_PATIENCE)
    if mailbox.tls is Tls.STARTTLS:
        imap.starttls(mailbox.context())
    return imap


class Imap:
    """The shelf of an IMAP mailbox."""

    way = Way.IMAP

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._client: _Client | None = None

    async def mails(self) -> AsyncGenerator[tuple[str, bytes]]:
        """What is unseen, in one session."""
        client = await asyncio.to_thread(_Client, self._mailbox)
        self._client = client
        try:
            for uid in await asyncio.to_thread(client.unseen):
                raw = await asyncio.to_thread(client.beginning, uid)
                if raw is not None:
                    yield uid, raw
        finally:
            self._client = None
            await asyncio.to_thread(client.close)

    async def put_aside(self, name: str, *, odd: bool) -> None:
        """Mark or move it, in the session it was told in."""
        if self._client is not None:
            await asyncio.to_thread(self._client.put_aside, name, odd=odd)


def _must(answer: tuple[str, list[Any]]) -> list[Any]:
    """What a server said; raises where it says no."""
    word, said = answer
    if word != "OK":
        raise IMAP4.error(f"the server says {word}")
    return said


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
