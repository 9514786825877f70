"""What the API says when it says no: problem details (RFC 9457), each with what to do."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from delivery.profiles import Fault, ProfileError
from models.database import DataError, UnavailableError
from models.storable import pointer

MEDIA_TYPE = "application/problem+json"
RETRY = {"Retry-After": "2"}
"""Seconds after which asking again is right while the database is away."""


class Kind(Enum):
    """Every kind of problem: status, title, what to do. Its name is its anchor in `/docs`."""

    MALFORMED = 400, "The body is not JSON", "Send UTF-8 JSON as RFC 8259 has it."
    UNAUTHORIZED = 401, "Nobody we know", "Send `Authorization: Bearer …` with a live key or token."
    FORBIDDEN = 403, "Not with this key", "Use a key that has the scope."
    NOT_FOUND = 404, "Nothing here", "Check the address; `/docs` lists all of them."
    NOT_ALLOWED = 405, "Not with this method", "See the `Allow` header."
    KEY_REUSED = (
        409,
        "The idempotency key stands for another body",
        "Send the very same body again, or use a new key for a new event.",
    )
    FILE_REUSED = (
        409,
        "Another file has this key",
        "A file never changes: send this one under a key of its own.",
    )
    ERASED = (
        409,
        "This recipient was erased",
        "Once that is finished, add `?anew=true` when this person is to be known again.",
    )
    NOT_NOW = 409, "Not as it stands now", "Ask how it stands, and do what fits that."
    APPROVAL_NEEDED = (
        409,
        "Somebody has to look at it first",
        "Ask for approval in the console, and do the same again once it is approved.",
    )
    HINDERED = (
        409,
        "Something stands in the way",
        "Mend what `errors` names, each as it says, and launch it then.",
    )
    RESET = 410, "The change number is too old", "Read the feed anew, without `after`."
    TOO_LARGE = 413, "The body is too large", "Split it, or send a reference."
    MEDIA_TYPE = 415, "Not a media type we read", "Send `application/json` or a CloudEvent."
    INVALID = 422, "The request says something it may not", "Mend each place named in `errors`."
    FAILED = 500, "A mistake of ours", "Tell us the request id; the same again may fail again."
    VENDOR_AWAY = 503, "What is needed to believe it is away", "Post it again later."
    UNAVAILABLE = 503, "The database is away", "Try again after `Retry-After` seconds."

    def __init__(self, status: int, title: str, remedy: str) -> None:
        self.status = status
        self.title = title
        self.remedy = remedy

    @property
    def anchor(self) -> str:
        """The name under which the documentation explains it."""
        return self.name.lower().replace("_", "-")


class ProblemError(HTTPException):
    """A no that the caller can read; raised anywhere on the way of a request."""

    def __init__(
        self,
        kind: Kind,
        detail: str = "",
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.status, detail, headers)
        self.kind = kind
        self.faults = tuple(faults)


def invalid(*faults: Fault) -> ProblemError:
    """A body or parameter that says something it may not."""
    return ProblemError(Kind.INVALID, "", faults)


def answer(request: Request, problem: ProblemError) -> JSONResponse:
    """The response that tells a problem."""
    kind = problem.kind
    content: dict[str, Any] = {
        "type": f"/docs#{kind.anchor}",
        "title": kind.title,
        "status": kind.status,
        "detail": f"{problem.detail} {kind.remedy}".strip(),
        "request_id": getattr(request.state, "request_id", None),
    }
    if problem.faults:
        content["errors"] = [
            {"pointer": fault.pointer, "detail": fault.message} for fault in problem.faults
        ]
    headers = dict(problem.headers or {})
    return JSONResponse(content, kind.status, headers, media_type=MEDIA_TYPE)


_BY_STATUS = {kind.status: kind for kind in Kind}


def _of_starlette(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, ProblemError):
        return answer(request, error)
    assert isinstance(error, HTTPException)  # noqa: S101 - narrows what the registration says
    kind = _BY_STATUS.get(error.status_code, Kind.MALFORMED)
    return answer(request, ProblemError(kind, headers=error.headers))


def _of_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    found = error.errors()
    broken = next((each for each in found if each["type"] == "json_invalid"), None)
    if broken is not None:
        where = f"{broken['ctx']['error']} at character {broken['loc'][-1]}."
        return answer(request, ProblemError(Kind.MALFORMED, where))
    return answer(request, invalid(*(fault_of(each) for each in found)))


def fault_of(error: Mapping[str, Any]) -> Fault:
    """What pydantic found, as a pointer into the body or the name of a parameter."""
    where, *path = error["loc"]
    place = pointer(path) if where == "body" else f"{where}: {'.'.join(map(str, path))}"
    return Fault(place, f"{error['msg'].removeprefix('Value error, ')}.")


def _of_profile(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProfileError)  # noqa: S101
    return answer(request, invalid(*error.faults))


def _of_data(request: Request, _: Exception) -> JSONResponse:
    return answer(request, ProblemError(Kind.INVALID, "The database cannot store a value."))


def unavailable() -> ProblemError:
    """The database cannot be asked now."""
    return ProblemError(Kind.UNAVAILABLE, headers=RETRY)


def _of_database(request: Request, _: Exception) -> JSONResponse:
    return answer(request, unavailable())


def _of_bug(request: Request, _: Exception) -> JSONResponse:
    return answer(request, ProblemError(Kind.FAILED))


def tell_problems(app: FastAPI) -> None:
    """Answer every error of the app with a problem."""
    app.add_exception_handler(HTTPException, _of_starlette)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(ProfileError, _of_profile)
    app.add_exception_handler(DataError, _of_data)
    app.add_exception_handler(UnavailableError, _of_database)
    app.add_exception_handler(Exception, _of_bug)


RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A problem (RFC 9457): what is wrong and what to do.",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "type": {"type": "string", "format": "uri-reference"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string"},
                        "request_id": {"type": "string"},
                        "errors": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "pointer": {"type": "string"},
                                    "detail": {"type": "string"},
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
"""What the schema of every route says about problems."""
