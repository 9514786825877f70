"""Fills templates for previews, in a child process, so that none can hold up the console."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from delivery.child import Child
from delivery.errors import Problem, RenderingError
from delivery.messages import Content
from models.records import TemplateVersion

PATIENCE = 5.0
"""Seconds a fill may take."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a recipient would get."""

    content: Content
    preheader: str


class Filler:
    """One child process that fills one template at a time."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._child = Child("dashboard.reading.filler", patience)

    def fill(self, version: TemplateVersion, context: Mapping[str, Any]) -> Filled:
        """What a version says for a context.

        Raises:
            RenderingError: What is wrong with it, by line; also when it takes too long.
        """
        said = self._child.ask(json.dumps({"version": asdict(version), "context": context}))
        answer = json.loads(said or "{}")
        if "content" in answer:
            return Filled(Content(**answer["content"]), answer["preheader"])
        too_long = [(1, f"filling takes more than {self._child.patience:g} s, or too much memory")]
        problems = answer.get("problems", too_long)
        raise RenderingError([Problem(line, message) for line, message in problems])

    def close(self) -> None:
        """End the child; the next fill starts another."""
        self._child.close()
