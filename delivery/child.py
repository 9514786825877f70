"""A child process that answers one line with one line, and that may be killed.

What a template may make is bounded, not how long it may take: whoever must not be held up has it
filled by such a child, which is killed when it takes too long and started again when it is needed.
"""

import resource
import selectors
import subprocess
import sys
from collections.abc import Callable
from threading import Lock

_MEMORY = 1 << 30
"""Bytes of address space: what no template needs."""
_STARTS_WITHIN = 30.0
"""Seconds until a new process is ready, also on a machine that has much else to do."""


class Child:
    """One process, `python -m module`, that is asked one thing at a time.

    Args:
        module: What calls `serve`.
        patience: Seconds an answer may take, once the process is there.
    """

    def __init__(self, module: str, patience: float) -> None:
        self._module, self.patience = module, patience
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: str) -> str | None:
        """The answer to one line; `None` when there is none in time."""
        with self._lock:
            try:
                said = _exchange(self._running(), question.encode(), self.patience)
            except OSError:
                said = b""
            if not said.endswith(b"\n"):
                self._end()
                return None
        return said.decode()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - a module of ours
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            if not _line(self._process, _STARTS_WITHIN):
                raise TimeoutError(self._module)
        return self._process

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _exchange(process: subprocess.Popen[bytes], question: bytes, patience: float) -> bytes:
    """The process's line, or less when it did not finish it in time."""
    assert process.stdin  # noqa: S101 - a pipe
    process.stdin.write(question + b"\n")
    process.stdin.flush()
    return _line(process, patience)


def _line(process: subprocess.Popen[bytes], patience: float) -> bytes:
    """The next line it says; nothing when there is none in time."""
    assert process.stdout  # noqa: S101 - a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(patience):
            return b""
    return process.stdout.readline()


def serve(answer: Callable[[str], str]) -> None:
    """Answer line by line until nobody asks any more, within bounds of memory."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    print(flush=True)  # noqa: T201 - it is there
    for line in sys.stdin:
        print(answer(line), flush=True)  # noqa: T201 - the answer
