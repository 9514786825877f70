"""A query is a value: a statement together with how its rows become records.

A transaction of either kind runs it, so there are no sync and async twins of the queries.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import CursorResult, Executable, text

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Query(Generic[T_co]):
    """A statement, its parameters, and how its result becomes a value."""

    statement: Executable
    shape: Callable[[CursorResult[Any]], T_co]
    parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows for COPY … FROM STDIN; it knows no ON CONFLICT, so only a key's winner may copy."""

    table: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def command(self) -> str:
        """The COPY command."""
        return f"COPY {self.table} ({', '.join(self.columns)}) FROM STDIN"


def rows(result: CursorResult[Any]) -> Sequence[Any]:
    """The shape of a query whose rows are wanted as they are."""
    return result.all()


def records(kind: Callable[..., T]) -> Callable[[CursorResult[Any]], list[T]]:
    """The shape of a query whose columns are the arguments of `kind`, in order."""
    return lambda result: [kind(*row) for row in rows(result)]


def count(result: CursorResult[Any]) -> int:
    """The shape of a statement of which only the number of rows matters."""
    return result.rowcount


def sql(statement: str, shape: Callable[[CursorResult[Any]], T], **parameters: Any) -> Query[T]:
    """A query written in SQL, its parameters as `:name`."""
    return Query(text(statement), shape, parameters)
