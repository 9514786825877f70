"""The local mailbox: an SMTP server that keeps all mail and shows it in the browser."""

import asyncio
import fcntl
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

from uvicorn import Config, Server

from scheduler.mailbox.door import Door
from scheduler.mailbox.pages import Pages
from scheduler.mailbox.store import KEPT, Store
from scheduler.smtp.session import Session

_LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the mailbox listens and what it keeps.

    Attributes:
        directory: Where the messages are kept; made when missing.
        host: The address to listen on, for both servers.
        smtp_port: For mail; 0 takes any that is free.
        http_port: For browsers; 0 takes any that is free.
        keep: How many of the newest messages are kept.
    """

    directory: Path
    host: str = "127.0.0.1"
    smtp_port: int = 2525
    http_port: int = 8025
    keep: int = KEPT


class Mailbox:
    """Both servers on the running event loop, between `start` and `stop`."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._sessions: set[Session] = set()
        self.store: Store
        self.smtp_port = places.smtp_port
        self.http_port = places.http_port

    @property
    def smtp_url(self) -> str:
        """What an account's URL says to deliver here."""
        return f"smtp://{self._authority(self.smtp_port)}"

    @property
    def http_url(self) -> str:
        """Where a browser finds the mail."""
        return f"http://{self._authority(self.http_port)}"

    async def start(self) -> None:
        """Open the store and listen.

        Raises:
            OSError: A port is taken, another mailbox keeps the directory, or it cannot be written.
        """
        loop = asyncio.get_running_loop()
        with ExitStack() as undo:
            doors = undo.enter_context(self._listen(self.smtp_port))
            browsers = undo.enter_context(self._listen(self.http_port))
            self._lock = undo.enter_context(_alone_in(self._places.directory))
            self.store = Store(self._places.directory, self._places.keep)
            undo.pop_all()
        self.smtp_port, self.http_port = _port(doors), _port(browsers)
        door = Door(self.store)
        self._smtp = await loop.create_server(lambda: Session(door, self._sessions), sock=doors)
        self._http = _PageServer(self._config())
        self._serving = asyncio.create_task(self._http.serve([browsers]))
        await self._http.ready.wait()

    async def stop(self) -> None:
        """Stop listening, end every session, close the store."""
        self._smtp.close()
        for session in tuple(self._sessions):
            session.close()
        self._http.should_exit = True
        await self._serving
        await self._smtp.wait_closed()
        self.store.close()
        self._lock.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _authority(self, port: int) -> str:
        host = self._places.host
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def _listen(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._places.host else socket.AF_INET
        return socket.create_server((self._places.host, port), family=family, backlog=1024)

    def _config(self) -> Config:
        # On an address others can reach, they reach it by names we cannot know.
        local = self._places.host in {"127.0.0.1", "::1", "localhost"}
        app = Pages(self.store, self._authority(self.smtp_port)).app(
            _LOCAL_HOSTS if local else ["*"]
        )
        return Config(
            app, log_config=None, access_log=False, lifespan="off", ws="none",
            server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip


class _PageServer(Server):
    """Uvicorn as a guest: signals belong to the program, not to its web server."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _alone_in(directory: Path) -> FileIO:
    """A lock on the directory until it is closed, or its process ends in whatever way.

    Two mailboxes would write over each other's volumes.

    Raises:
        OSError: Somebody holds it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lock = FileIO(directory / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise OSError(
            f"a mailbox keeps its mail in {directory} already: stop it, or name another --directory"
        ) from error
    return lock


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


async def run_mailbox(places: Places) -> None:
    """Run the mailbox until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with Mailbox(places) as mailbox:
        print(f"mailbox: mail to {mailbox.smtp_url}, shown at {mailbox.http_url}", flush=True)  # noqa: T201 - this is its console
        await stop.wait()
