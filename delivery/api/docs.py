"""`/docs`: the reference, made of the schema; it loads nothing from anywhere."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from delivery.api.pages import page
from delivery.api.problems import Kind
from delivery.api.words import ENGLISH

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route, as it is shown."""

    method: str
    path: str
    tag: str
    headline: str
    text: str
    parameters: list[dict[str, Any]]
    bodies: dict[str, str]


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Every route, every shape, every problem."""
    schema = request.app.openapi()
    groups: dict[str, list[Operation]] = {}
    for operation in _operations(schema):
        groups.setdefault(operation.tag, []).append(operation)
    shapes = {name: _shown(shape) for name, shape in schema["components"]["schemas"].items()}
    return page("docs.html", ENGLISH, groups=groups, shapes=shapes, problems=list(Kind))


def _operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            headline, _, text = said.get("description", "").partition("\n")
            content = said.get("requestBody", {}).get("content", {})
            yield Operation(
                method=method.upper(),
                path=path,
                tag=said["tags"][0],
                headline=headline,
                text=text.strip(),
                parameters=said.get("parameters", []),
                bodies={kind: _shown(each["schema"]) for kind, each in content.items()},
            )


def _shown(schema: Any) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False)
