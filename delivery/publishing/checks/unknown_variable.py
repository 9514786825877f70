"""Variables that are never there: misspelt, or of another topic."""

import json
from collections.abc import Iterator

from delivery.digests.items import alone
from delivery.publishing.findings import Remark, error, warning
from delivery.publishing.material import Case, Kind, Use, Words
from delivery.publishing.shapes import Path, Said, said, seen
from delivery.rendering.fill import Asked, asked


def check(words: Words) -> Iterator[Remark]:
    """Each place that asks for one, topic by topic."""
    if words.problems or not words.filled:
        return
    usual = {one.case.use: one.case for one in reversed(words.filled)}
    for one in asked(words.version):
        for use, case in usual.items():
            yield from _said(one, use, case, words)


def _said(one: Asked, use: Use, case: Case, words: Words) -> Iterator[Remark]:
    name = ".".join(one.path)
    if (path := _in_data(one.path)) is None:
        context = {**case.context, **alone(case.context), "locale": words.locale}
        if one.path[:2] != ("recipient", "attributes") and not seen([context], one.path):
            yield error(f"There is no {name}: see what a template sees.", one.part, one.line)
        return
    known = [
        each.case.context["data"]
        for each in words.filled
        if each.case.use == use and each.case.kind is not Kind.EDGE
    ]
    if seen(known, path):
        return
    match said(json.loads(use.schema) if use.schema else None, path):
        case Said.NEVER:
            yield error(f"{use.key} never has {name}: look into its schema.", one.part, one.line)
        case Said.UNSAID:
            yield warning(f"The schema of {use.key} does not name {name}.", one.part, one.line)
        case Said.ANYTHING if known:
            yield warning(f"No event of {use.key} had {name}.", one.part, one.line)


def _in_data(path: Path) -> Path | None:
    """What a path asks of an event's data; `None` where it asks for something else."""
    if path[0] == "data":
        return path[1:]
    if path[0] == "items" and path[2:3] == ("data",):
        return path[3:]
    return None
