"""Data that the topic allows and the template cannot be filled with: they would get nothing."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words
from delivery.publishing.parts import parted


def check(words: Words) -> Iterator[Remark]:
    """Each problem once, with the first case that has it and how many more have."""
    cases: dict[tuple[str, int], list[str]] = {}
    for filled in words.filled:
        for problem in filled.problems:
            cases.setdefault((problem.message, problem.line), []).append(filled.case.name)
    for (message, line), names in cases.items():
        part, said = parted(message)
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        remark = error(f"{said} ({names[0]}{more}): {_advice(said)}.", part, line)
        yield replace(remark, case=names[0])


def _advice(said: str) -> str:
    if said.endswith("missing"):
        return "give it a default, or require it in the topic's schema"
    return "mend it, or let the topic's schema refuse such data"
