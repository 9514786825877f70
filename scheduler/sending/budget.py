"""Fills templates within a budget of CPU, so that no template can hold up a worker.

A fill gets 50 ms here. One that takes longer gets a second, alone in a child process whose
memory is limited; one that takes longer still is for its author to repair.
"""

import asyncio
import json
import resource
import sys
from dataclasses import asdict
from typing import Any

from delivery.budget import OverBudgetError, fill_quickly
from delivery.errors import Problem, RenderingError
from delivery.messages import Content
from delivery.rendering.fill import Template, prepare
from delivery.rendering.sandbox import Context
from models.records import TemplateVersion

PATIENT = 1.0
"""Seconds of CPU it may take in a process of its own."""

_STARTING = 5
"""Seconds of CPU a child may take besides: for its imports and for compiling."""

_WALL_TIME = 30.0
"""Seconds after which a child is killed, whatever its CPU says."""

_MEMORY = 1 << 30
"""Bytes of address space a child may take."""


async def fill_within_budget(template: Template, context: Context) -> Content:
    """Fill here if that is quick, else in a child process.

    Must run in the main thread, where signals arrive.

    Raises:
        RenderingError: The template cannot be filled, or not within a second.
    """
    try:
        return fill_quickly(template, context)
    except OverBudgetError:
        return await fill_patiently(template.version, context, mark=template.marked)


async def fill_patiently(
    version: TemplateVersion, context: Context, *, mark: bool = False
) -> Content:
    """Fill alone in a new process, which inherits none of our sockets.

    Args:
        version: Compiled.
        context: Plain JSON.
        mark: Whether its links are wanted marked.

    Raises:
        RenderingError: The template cannot be filled, or not within `PATIENT`.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scheduler.sending.budget"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    asked = {"version": asdict(version), "context": context, "mark": mark}
    question = json.dumps(asked).encode()
    try:
        async with asyncio.timeout(_WALL_TIME):
            answer, _ = await child.communicate(question)
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    return _understood(json.loads(answer) if child.returncode == 0 else {})


def _understood(answer: dict[str, Any]) -> Content:
    if "content" in answer:
        return Content(**answer["content"])
    too_long = [(1, f"filling takes more than {PATIENT:g} s or {_MEMORY >> 20} MB")]
    problems = answer.get("problems", too_long)
    raise RenderingError([Problem(line, message) for line, message in problems])


def _answer(question: dict[str, Any]) -> dict[str, Any]:
    try:
        template = prepare(TemplateVersion.read(question["version"]), mark=question["mark"])
        return {"content": asdict(fill_quickly(template, question["context"], PATIENT))}
    except RenderingError as error:
        return {"problems": [(problem.line, problem.message) for problem in error.problems]}
    except OverBudgetError:
        return {}


def _main() -> None:
    seconds = int(PATIENT) + _STARTING
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    json.dump(_answer(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    _main()
