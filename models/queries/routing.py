"""Statements on big tables: built here, so that each names its buckets (docs/scale.md)."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from models.ids import BUCKETS
from models.queries.arrays import array
from models.query import Answer, Query

T = TypeVar("T")
Slice = str
"""Buckets as the text of a Postgres array: one cheap parameter, whatever its length."""

EVERYWHERE: Slice = "{" + ",".join(map(str, range(BUCKETS))) + "}"
"""All buckets: one slice on plain Postgres, every shard on Citus."""


def slice_of(buckets: Iterable[int]) -> Slice:
    """The slice that holds just these buckets."""
    return "{" + ",".join(map(str, sorted(set(buckets)))) + "}"


def home(slice_: Slice) -> int:
    """One bucket of a slice: where rows lie that are of all of it together."""
    return int(slice_.strip("{}").partition(",")[0])


class Shards:
    """Which buckets lie together: all of them on plain Postgres, those of one shard on Citus.

    A statement that locks rows, and a claim, must keep to one of the slices; every other may
    visit several, for the price of a wait (docs/scale.md).
    """

    def __init__(self, parts: Iterable[Iterable[int]] = (range(BUCKETS),)) -> None:
        kept = [sorted(part) for part in parts]
        self.slices: tuple[Slice, ...] = tuple(slice_of(part) for part in kept)
        self._number = {bucket: place for place, part in enumerate(kept) for bucket in part}

    @property
    def together(self) -> bool:
        """Whether one statement may lock and claim anywhere: it is one Postgres."""
        return len(self.slices) == 1

    def group(self, items: Iterable[T], bucket: Callable[[T], int]) -> list[list[T]]:
        """The same items, those together whose buckets lie together."""
        together: dict[int, list[T]] = {}
        for item in items:
            together.setdefault(self._number[bucket(item)], []).append(item)
        return list(together.values())


TOGETHER = Shards()
"""One Postgres: all buckets lie together."""


def routed(
    statement: str, slice_: Slice, shape: Callable[[Answer], T], **parameters: Any
) -> Query[T]:
    """A statement on big tables. It says `:slice` where its buckets are named.

    What reads the beginning of a long list of one recipient says `bucket = (:slice)[1]`: below an
    equality alone is an index walked in its order, else all of the list is read and sorted.

    Lists among the parameters become the text of arrays.

    Raises:
        ValueError: It does not, and would visit every shard.
    """
    if ":slice" not in statement:
        raise ValueError("a statement on a big table names its buckets: bucket = ANY(:slice)")
    routed_text = statement.replace(":slice", "CAST(:slice AS smallint[])")
    values = {
        name: array(value) if isinstance(value, list) else value
        for name, value in parameters.items()
    }
    return Query(routed_text, shape, {"slice": slice_, **values})
