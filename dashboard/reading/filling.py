"""Fills templates for previews, so that none can hold up the console.

The sandbox bounds what a template may make, not how long it may take: it is filled in a child
process, which is killed when it takes too long and started again when it is needed.
"""

import json
import selectors
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from delivery.errors import Problem, RenderingError
from delivery.messages import Content
from models.records import TemplateVersion

PATIENCE = 5.0
"""Seconds a fill may take; the first one of a process starts it as well."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a recipient would get."""

    content: Content
    preheader: str


class Filler:
    """One child process that fills one template at a time."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def fill(self, version: TemplateVersion, context: Mapping[str, Any]) -> Filled:
        """What a version says for a context.

        Raises:
            RenderingError: What is wrong with it, by line; also when it takes too long.
        """
        question = json.dumps({"version": asdict(version), "context": context}).encode()
        with self._lock:
            answer = self._ask(question)
        if "content" in answer:
            return Filled(Content(**answer["content"]), answer["preheader"])
        too_long = [(1, f"filling takes more than {self._patience:g} s, or too much memory")]
        problems = answer.get("problems", too_long)
        raise RenderingError([Problem(line, message) for line, message in problems])

    def _ask(self, question: bytes) -> dict[str, Any]:
        child = self._running()
        try:
            said = _exchange(child, question, self._patience)
        except OSError:
            said = b""
        if not said.endswith(b"\n"):
            self.close()
            return {}
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "dashboard.reading.filler"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._child

    def close(self) -> None:
        """End the child; the next fill starts another."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _exchange(child: subprocess.Popen[bytes], question: bytes, patience: float) -> bytes:
    """The child's line, or less when it did not finish it in time."""
    assert child.stdin  # noqa: S101 - both are pipes
    assert child.stdout  # noqa: S101
    child.stdin.write(question + b"\n")
    child.stdin.flush()
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        if not selector.select(patience):
            return b""
    return child.stdout.readline()
