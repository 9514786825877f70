"""A query is a value: a statement together with how its rows become records.

A transaction of either kind runs it, so there are no sync and async twins of the queries.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement answered; a row gives its values by place and by name."""

    rows: Sequence[Any]
    rowcount: int

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)

    def scalars(self) -> Iterator[Any]:
        """The first value of each row."""
        return (row[0] for row in self.rows)

    def scalar_one(self) -> Any:
        """The first value of the only row."""
        (row,) = self.rows
        return row[0]

    def scalar_one_or_none(self) -> Any:
        """The first value of the only row, or `None` when there is no row."""
        row = self.one_or_none()
        return None if row is None else row[0]

    def one_or_none(self) -> Any:
        """The only row, if there is one."""
        (row,) = self.rows or (None,)
        return row


@dataclass(frozen=True, slots=True)
class Query(Generic[T_co]):
    """A statement with its parameters as `:name`, and how its answer becomes a value."""

    statement: str
    shape: Callable[[Answer], T_co]
    parameters: Mapping[str, Any]


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

    @property
    def insertion(self) -> tuple[str, list[Any]]:
        """The same as INSERT, with its parameters: for a few rows, which it writes sooner."""
        one = f"({', '.join(['%s'] * len(self.columns))})"
        values = ", ".join([one] * len(self.rows))
        statement = f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES {values}"
        return statement, [value for row in self.rows for value in row]


Story = Generator[Query[Any] | Copy, Any, T]
"""Statements of which the later ones depend on what the earlier ones answered; a transaction of
either kind follows it."""


def rows(result: Answer) -> Sequence[Any]:
    """The shape of a query whose rows are wanted as they are."""
    return result.rows


def records(kind: Callable[..., T]) -> Callable[[Answer], list[T]]:
    """The shape of a query whose columns are the arguments of `kind`, in order."""
    return lambda result: [kind(*row) for row in rows(result)]


def count(result: Answer) -> int:
    """The shape of a statement of which only the number of rows matters."""
    return result.rowcount


def sql(statement: str, shape: Callable[[Answer], T], **parameters: Any) -> Query[T]:
    """A query written in SQL, its parameters as `:name`."""
    return Query(statement, shape, parameters)
