"""Bounds on what can grow while a template is filled: texts, lists and numbers.

Each bound keeps one call that runs in C to about a millisecond and a megabyte; what loops in
Python is left to the timer around the fill.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import wraps
from itertools import islice
from typing import Any

from jinja2 import Undefined
from jinja2.exceptions import SecurityError
from jinja2.filters import do_join, do_replace
from jinja2.nodes import EvalContext
from jinja2.utils import Namespace, pass_eval_context

LARGEST = 1_000_000
"""Most characters of a filled part, and of any text made on the way to it."""

LONGEST = 10_000
"""Most items of a range, of a list made in a template, and of everything inside that list."""

_BITS = 4_096
"""Largest whole number that multiplying may make, in bits."""

_COUNT = 100
"""Largest number a filter takes as an argument."""

_WIDE_FIELD = re.compile(r"%[^a-zA-Z%]*(?:\d{3}|\*)")


_WRITTEN = (str, int, float)


def _refusal(what: str) -> SecurityError:
    return SecurityError(f"{what} is more than a template may make")


def printable(value: Any) -> Any:
    """What is written for a value: nothing for null.

    Raises:
        SecurityError: It is a list or the like: never meant, and its text can be endless.
    """
    if isinstance(value, _WRITTEN):
        return value
    if value is None:
        return ""
    if isinstance(value, Collection | Namespace) and not isinstance(value, Undefined):
        raise SecurityError(f"a {type(value).__name__} cannot be written as text")
    return value


def fits(text: str) -> str:
    """The text, if it is not too long."""
    if len(text) > LARGEST:
        raise _refusal(f"a text over {LARGEST:,} characters")
    return text


def concat(pieces: Iterable[str]) -> str:
    """Joins what a template yields; a thousand pieces at a time are counted at C speed."""
    flow = iter(pieces)
    kept: list[str] = []
    room = LARGEST
    while batch := list(islice(flow, 1_000)):
        room -= sum(map(len, batch))
        if room < 0:
            raise _refusal(f"a text over {LARGEST:,} characters")
        kept += batch
    return "".join(kept)


def weighed(value: Any) -> Any:
    """The list or dict, if everything inside it, at any depth, is not too much."""
    count, waiting = 0, [value]
    while waiting:
        inside = waiting.pop()
        count += 1
        if isinstance(inside, Mapping):
            waiting.extend(islice(inside.values(), LONGEST))
        elif isinstance(inside, list | tuple):
            waiting.extend(islice(inside, LONGEST))
        if count + len(waiting) > LONGEST:
            raise _refusal(f"a list of over {LONGEST:,} things")
    return value


def plus(left: Any, right: Any) -> Any:
    """What `left + right` is."""
    if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) > LARGEST:
        raise _refusal(f"a text over {LARGEST:,} characters")
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        weighed((left, right))
    return left + right


def times(left: Any, right: Any) -> Any:
    """What `left * right` is."""
    for repeated, count in ((left, right), (right, left)):
        if isinstance(repeated, str | list | tuple) and isinstance(count, int):
            if len(repeated) * count > LONGEST:
                raise _refusal(f"a repetition over {LONGEST:,} long")
            return weighed(repeated * count)
    if _bits(left) + _bits(right) > _BITS:
        raise _refusal("a number this large")
    return left * right


def power(base: Any, exponent: Any) -> Any:
    """What `base ** exponent` is."""
    if isinstance(exponent, int) and _bits(base) * abs(exponent) > _BITS:
        raise _refusal("a number this large")
    return base**exponent


def _bits(value: Any) -> int:
    return value.bit_length() if isinstance(value, int) else 0


def modulo(left: Any, right: Any) -> Any:
    """`left % right`, on text the formatting of Python's `%`."""
    if not isinstance(left, str):
        return left % right
    if _WIDE_FIELD.search(left):
        raise _refusal("a field this wide")
    fields = tuple(map(printable, right if isinstance(right, tuple) else (right,)))
    if len(left) + sum(len(str(field)) for field in fields) > LARGEST:
        raise _refusal(f"a text over {LARGEST:,} characters")
    return left % fields


def numbers(*limits: int) -> range:
    """What templates call `range`."""
    made = range(*limits)
    if len(made) > LONGEST:
        raise _refusal(f"a range over {LONGEST:,} long")
    return made


def mapping(**items: Any) -> dict[str, Any]:
    """What templates call `dict`."""
    return dict(weighed(items))


def total(values: Iterable[Any]) -> Any:
    """The filter `sum`, of numbers only: lists would grow with every step."""
    return sum(values)


def counted(made: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that takes no large number as an argument."""

    @wraps(made)
    def bounded(*arguments: Any, **named: Any) -> Any:
        for value in (*arguments[1:], *named.values()):
            if isinstance(value, int) and abs(value) > _COUNT:
                raise _refusal(f"a count over {_COUNT}")
        return made(*arguments, **named)

    return bounded


def of_text(made: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that makes text of its arguments, none of which may be a list or the like."""

    @wraps(made)
    def bounded(*arguments: Any, **named: Any) -> Any:
        for value in arguments:
            printable(value)
        return made(*arguments, **named)

    return bounded


@pass_eval_context
def join(context: EvalContext, value: Iterable[Any], d: str = "") -> str:
    """The filter `join`."""
    items = [printable(item) for item in value]
    if sum(len(str(item)) for item in items) + len(d) * len(items) > LARGEST:
        raise _refusal(f"a text over {LARGEST:,} characters")
    joined: str = do_join(context, items, d)
    return joined


@pass_eval_context
def replace(context: EvalContext, s: str, old: str, new: str) -> str:
    """The filter `replace`."""
    text = str(printable(s))
    if len(text) + text.count(str(old)) * len(str(new)) > LARGEST:
        raise _refusal(f"a text over {LARGEST:,} characters")
    replaced: str = do_replace(context, s, old, new)
    return replaced
