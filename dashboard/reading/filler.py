"""`python -m dashboard.reading.filler`: fills templates in a process that may be killed.

One line of JSON in, `{"version": …, "context": …}`; one line out, `{"content": …, "preheader": …}`
or `{"problems": [[line, message], …]}`.
"""

import json
from dataclasses import asdict, replace
from typing import Any

from delivery.child import serve
from delivery.errors import RenderingError
from delivery.rendering.fill import fill, prepare
from models.records import TemplateVersion


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What a version says for a context, or what is wrong with it."""
    version, context = TemplateVersion.read(question["version"]), question["context"]
    try:
        content = fill(prepare(version), context)
        return {"content": asdict(content), "preheader": _preheader(version, context)}
    except RenderingError as error:
        return {"problems": [(problem.line, problem.message) for problem in error.problems]}


def _preheader(version: TemplateVersion, context: dict[str, Any]) -> str:
    if version.preheader is None:
        return ""
    alone = replace(version, channel="in_app", source=version.preheader, url=None)
    return fill(prepare(alone), context).text


if __name__ == "__main__":
    serve(lambda line: json.dumps(answer(json.loads(line))))
