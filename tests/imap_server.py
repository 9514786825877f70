"""IMAP servers on real sockets: Dovecot where this machine has it, and a small one of our own.

Ours answers in the words Dovecot 2.3 was heard to use, to the commands that we say.
"""

import asyncio
import os
import re
import shutil
import time
from asyncio import StreamReader, StreamWriter, subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from imaplib import IMAP4
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from tests.acceptance.conftest import free_port

DOVECOT = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
AVAILABLE = DOVECOT is not None and os.geteuid() == 0
USER, PASSWORD = "anna", "secret"


class ImapServer(Protocol):
    """A mailbox with the folders INBOX and Done."""

    port: int

    async def append(self, raw: bytes) -> None:
        """Let a mail arrive in INBOX."""

    async def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """The flags of each mail of a folder, without Recent."""


_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/home/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/home
}}
namespace inbox {{
  inbox = yes
  mailbox Done {{
    auto = create
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass
class Dovecot:
    """The real one; it needs root."""

    port: int

    async def append(self, raw: bytes) -> None:
        await asyncio.to_thread(self._append, raw)

    async def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return await asyncio.to_thread(self._flags, folder)

    def _append(self, raw: bytes) -> None:
        with self._opened() as imap:
            imap.append("INBOX", "", "", raw)

    def _flags(self, folder: str) -> list[set[str]]:
        with self._opened() as imap:
            imap.select(folder, readonly=True)
            _, said = imap.uid("FETCH", "1:*", "(FLAGS)")
        return [set(re.findall(r"\\(\w+)", line.decode())) - {"Recent"} for line in said if line]

    def _opened(self) -> IMAP4:
        imap = IMAP4("127.0.0.1", self.port, timeout=10)
        imap.login(USER, PASSWORD)
        return imap


@asynccontextmanager
async def dovecot() -> AsyncIterator[Dovecot]:
    """A server of its own in a folder that everybody may enter."""
    assert DOVECOT
    with TemporaryDirectory(prefix="dovecot") as folder:
        port = free_port()
        config = _furnished(Path(folder), port)
        process = await subprocess.create_subprocess_exec(DOVECOT, "-F", "-c", str(config))
        try:
            await _answers(port)
            yield Dovecot(port)
        finally:
            process.terminate()
            await process.wait()


def _furnished(home: Path, port: int) -> Path:
    """The configuration file in a folder for the server and one for the mail."""
    home.chmod(0o755)
    (home / "home").mkdir()
    shutil.chown(home / "home", "nobody")
    config = home / "dovecot.conf"
    config.write_text(_CONFIG.format(home=home, port=port, password=PASSWORD))
    return config


async def _answers(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        await reader.readline()
        writer.close()
        return
    raise AssertionError("Dovecot does not answer")


@dataclass
class Mail:
    """One mail of a folder."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class SmallImap:
    """As much of a server as we talk to."""

    port: int = 0
    folders: dict[str, list[Mail]] = field(default_factory=lambda: {"INBOX": [], "Done": []})
    moves: bool = True

    async def append(self, raw: bytes) -> None:
        uids = [mail.uid for mails in self.folders.values() for mail in mails]
        self.folders["INBOX"].append(Mail(max(uids, default=0) + 1, raw))

    async def flags(self, folder: str = "INBOX") -> list[set[str]]:
        return [mail.flags for mail in self.folders[folder]]

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1 LITERAL+ AUTH=PLAIN] ready.\r\n")
        while line := await reader.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            for said in self.answer(rest):
                writer.write(said)
            writer.write(f"{tag} {self.verdict(rest)}\r\n".encode())
        writer.close()

    def verdict(self, rest: str) -> str:
        if rest.startswith("LOGIN") and PASSWORD not in rest:
            return "NO [AUTHENTICATIONFAILED] Authentication failed."
        return "OK Completed."

    def answer(self, rest: str) -> list[bytes]:
        verb, *words = rest.removeprefix("UID ").split()
        said = getattr(self, f"_{verb.lower()}", lambda *_: [])(*words)
        return said or []

    def _capability(self) -> list[bytes]:
        return [b"* CAPABILITY IMAP4rev1 UIDPLUS" + b" MOVE" * self.moves + b"\r\n"]

    def _select(self, _: str) -> list[bytes]:
        return [f"* {len(self.folders['INBOX'])} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n".encode()]

    def _search(self, _: str) -> list[bytes]:
        found = [str(mail.uid) for mail in self.folders["INBOX"] if "Seen" not in mail.flags]
        return [f"* SEARCH {' '.join(found)}".rstrip().encode() + b"\r\n"]

    def _fetch(self, uid: str, _: str) -> list[bytes]:
        return [part for mail in self._named(uid) for part in _fetched(mail)]

    def _store(self, uid: str, _: str, *flags: str) -> None:
        for mail in self._named(uid):
            mail.flags |= set(re.findall(r"\w+", " ".join(flags)))

    def _move(self, uid: str, folder: str) -> None:
        moved = self._named(uid)
        self.folders["INBOX"] = [mail for mail in self.folders["INBOX"] if mail not in moved]
        self.folders[folder.strip('"')] += moved

    def _logout(self) -> list[bytes]:
        return [b"* BYE Logging out\r\n"]

    def _named(self, uid: str) -> list[Mail]:
        return [mail for mail in self.folders["INBOX"] if mail.uid == int(uid)]


def _fetched(mail: Mail) -> list[bytes]:
    head = f"* 1 FETCH (UID {mail.uid} BODY[]<0> {{{len(mail.raw)}}}\r\n".encode()
    return [head, mail.raw, b")\r\n"]


@asynccontextmanager
async def small_imap() -> AsyncIterator[SmallImap]:
    """Ours, on a port of its own."""
    server = SmallImap()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    yield server
    listening.close()
