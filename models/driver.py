"""How statements reach psycopg: its way of writing parameters, rows with names, our errors."""

import json
import re
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.rows import RowMaker
from psycopg.types.json import set_json_loads
from pydantic_core import from_json
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")


def _json(said: str | bytes) -> Any:
    try:
        return from_json(said)  # in a fifth of the time
    except ValueError:  # of what is nested deeper than it goes
        return json.loads(said)


set_json_loads(_json)


class DatabaseError(Exception):
    """Something the database said; the SQLSTATE is `code`."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class DataError(DatabaseError):
    """The values cannot be stored (SQLSTATE 22, 23): the same again fails again."""


class UnavailableError(DatabaseError):
    """Anything else: lost, refused, locked, cancelled, full. Again later is right."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database, its driver or its pool raise into our errors."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error, UnicodeEncodeError, OSError) as error:
        raise _translate(error) from error


def _translate(error: BaseException) -> DatabaseError:
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    code = getattr(error, "sqlstate", None) or ""
    refused = isinstance(error, (psycopg.DataError, psycopg.IntegrityError, UnicodeError))
    kind = DataError if refused or code[:2] in {"22", "23"} else UnavailableError
    return kind(str(error).splitlines()[0] if str(error) else type(error).__name__, code)


@lru_cache(maxsize=1024)
def as_psycopg(statement: str) -> bytes:
    """A statement whose parameters are written `:name`, as psycopg wants it."""
    return _PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%")).encode()


def named(cursor: "psycopg.Cursor[Any] | psycopg.AsyncCursor[Any]") -> RowMaker[Any]:
    """A row factory: values by place, and by name where the name is no word of Python's."""
    return _maker(*(column.name for column in cursor.description or ()))


@lru_cache(maxsize=1024)
def _maker(*names: str) -> RowMaker[Any]:
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc] # noqa: PYI024
    make: RowMaker[Any] = row._make
    return make
