"""Jinja for people we do not know: what a template may do, and how much of it.

Jinja's own sandbox keeps templates away from Python's insides. It does not keep them from
asking for a terabyte: one call such as `"x" * 10**12` runs in C, where no timer interrupts it.
So whatever can grow is bounded here, and what cannot be bounded is left out.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from jinja2 import StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.filters import FILTERS as BUILT_IN
from jinja2.runtime import markup_join, str_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from delivery.rendering import bounds
from delivery.rendering.filters import FILTERS

Context = Mapping[str, Any]
"""What a template is filled with: `data`, `recipient`, `topic`, `links`, `event`."""

_STR = frozenset(
    {
        "capitalize", "casefold", "count", "endswith", "find", "isalnum", "isalpha", "isdigit",
        "islower", "isnumeric", "isspace", "isupper", "lower", "lstrip", "partition",
        "removeprefix", "removesuffix", "rpartition", "rsplit", "rstrip", "split",
        "splitlines", "startswith", "strip", "swapcase", "title", "upper",
    }
)  # fmt: skip
_DATE = frozenset({"date", "isoformat", "isoweekday", "time", "weekday"})
_METHODS: dict[type, frozenset[str]] = {
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    str: _STR,
    datetime: _DATE,
    date: _DATE,
    time: _DATE,
}
"""Methods of data that cannot grow it; attributes that are no methods are free."""

_FREE_FILTERS = frozenset(
    {
        "abs", "attr", "count", "d", "default", "dictsort", "filesizeformat", "first", "float",
        "groupby", "int", "items", "last", "length", "list", "map", "max", "min", "reject",
        "rejectattr", "reverse", "select", "selectattr", "sort", "unique",
    }
)  # fmt: skip
_TEXT_FILTERS = frozenset(
    {
        "capitalize", "e", "escape", "lower", "safe", "string", "striptags", "title", "trim",
        "truncate", "upper", "urlencode", "wordcount",
    }
)  # fmt: skip
_COUNTED_FILTERS = frozenset({"batch", "round", "slice"})
_OWN_FILTERS = {"join": bounds.join, "replace": bounds.replace, "sum": bounds.total}
_OPERATORS = {
    "*": bounds.times,
    "+": bounds.plus,
    "**": bounds.power,
    "%": bounds.modulo,
}


class Missing(StrictUndefined):
    """A variable that is not there; using it says so without showing what is."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        return self._undefined_hint or f"'{self._undefined_name}' is missing"


class _Generator(CodeGenerator):
    """Writes calls of the bounds into the Python that a template becomes; the names are Jinja's."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        join = "joined_markup" if frame.eval_ctx.autoescape else "joined"
        self.write(f"environment.{join}((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        self.write("environment.weighed(")
        super().visit_List(node, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        self.write("environment.weighed(")
        super().visit_Dict(node, frame)
        self.write(")")

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        if node.ctx != "load":
            super().visit_Tuple(node, frame)
            return
        self.write("environment.weighed(")
        super().visit_Tuple(node, frame)
        self.write(")")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja within bounds: strict about what is missing, blind to what is private."""

    code_generator_class = _Generator
    intercepted_binops = frozenset(_OPERATORS)
    concat = staticmethod(bounds.concat)
    weighed = staticmethod(bounds.weighed)

    def __init__(self, *, autoescape: bool, newline_sequence: str) -> None:
        super().__init__(
            autoescape=autoescape,
            newline_sequence=newline_sequence,
            undefined=Missing,
            auto_reload=False,
            finalize=bounds.printable,
        )
        self.binop_table |= _OPERATORS
        self.globals = {
            "dict": bounds.mapping,
            "namespace": Namespace,
            "range": bounds.numbers,
        }
        self.filters = {name: BUILT_IN[name] for name in _FREE_FILTERS}
        self.filters |= {name: bounds.of_text(BUILT_IN[name]) for name in _TEXT_FILTERS}
        self.filters |= {name: bounds.counted(BUILT_IN[name]) for name in _COUNTED_FILTERS}
        self.filters |= _OWN_FILTERS | FILTERS

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An item of a dict before its method of that name: data may well be called `items`."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Only methods that cannot grow what they are called on, and nothing private."""
        if callable(value):
            for kind, methods in _METHODS.items():
                if isinstance(obj, kind):
                    return attr in methods
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """No exception for `str.format`: its fields can be as wide as they like."""

    @staticmethod
    def joined(parts: tuple[Any, ...]) -> str:
        """`a ~ b`, bounded."""
        return bounds.fits(str_join([bounds.printable(part) for part in parts]))

    @staticmethod
    def joined_markup(parts: tuple[Any, ...]) -> str:
        """`a ~ b` where HTML is escaped, bounded."""
        return bounds.fits(markup_join([bounds.printable(part) for part in parts]))


HTML = Sandbox(autoescape=True, newline_sequence="\r\n")
"""For what becomes HTML: data is escaped, lines end as on the wire."""

MAIL_TEXT = Sandbox(autoescape=False, newline_sequence="\r\n")
"""For the text part of a mail: nothing is escaped, lines end as on the wire."""

TEXT = Sandbox(autoescape=False, newline_sequence="\n")
"""For subjects, links and every other channel."""
