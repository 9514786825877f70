"""The services of one terminal: started as processes, watched, restarted, stopped in order."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

_PR_SET_PDEATHSIG = 1
_STOP_WITHIN = 35.0
"""Seconds a service gets to stop; workers take up to 30 s to finish what is on the wire."""
_RESTART_PAUSE = 1.0
_PORTS_TRIED = 50


@dataclass(frozen=True, slots=True)
class Service:
    """One process.

    Attributes:
        health: URL that answers 200 once it is ready; `None` when nothing is awaited.
        stays: Started again when it ends by itself.
    """

    name: str
    arguments: Sequence[str]
    health: str | None = None
    stays: bool = True


@dataclass
class Services:
    """All processes of one `tidings up`."""

    environment: Mapping[str, str]
    _running: dict[Service, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, service: Service) -> None:
        """Start a process that ends when we do, but not by the terminal's Ctrl-C."""
        self._running[service] = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, *service.arguments],
            env=dict(self.environment),
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - one thread here, and one system call
        )

    def await_ready(self, service: Service, seconds: float) -> bool:
        """Whether a service answered within so many seconds."""
        end = time.monotonic() + seconds
        while service.health is not None and time.monotonic() < end:
            if self._running[service].poll() is not None:
                return False
            try:
                if httpx.get(service.health, timeout=2).is_success:
                    return True
            except httpx.HTTPError:
                pass
            time.sleep(0.05)
        return service.health is None

    def revive(self) -> list[str]:
        """Start what ended by itself once more; the names of what ended."""
        ended = [one for one, process in self._running.items() if process.poll() is not None]
        for service in ended:
            del self._running[service]
            if service.stays:
                time.sleep(_RESTART_PAUSE)
                self.start(service)
        return [service.name for service in ended if service.stays]

    def stop(self) -> None:
        """Ask every process to stop, wait, and end the stubborn."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + _STOP_WITHIN
        for process in self._running.values():
            try:
                process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _end_with_parent() -> None:
    """Ask Linux for SIGTERM when the parent dies, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:
            os._exit(0)


def free_port(wanted: int) -> int:
    """The wanted port, or the next one up that nobody listens on.

    Raises:
        OSError: None of the next 50 is free.
    """
    for port in range(wanted, wanted + _PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {wanted} to {wanted + _PORTS_TRIED - 1}")
