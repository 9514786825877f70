"""MJML's components where the compiler would stop at values that MJML itself puts up with.

MJML reads numbers with `parseInt`, which answers NaN where there is none (`inner-border="1px solid
red"`, `padding="0 auto"`, a hero without a picture); this compiler raises a TypeError instead.
"""

import re
from typing import Any

from mjml.elements import MjColumn, MjDivider, MjHero, MjImage, MjSection, MjWrapper

_NUMBER = re.compile(r"\s*([-+]?\d+)")


def _whole(value: str | None) -> int:
    found = _NUMBER.match(value or "")
    return int(found[1]) if found else 0


class _Lenient:
    """What has no number counts nothing."""

    def getShorthandAttrValue(self, *arguments: Any) -> Any:  # noqa: N802 - the compiler's name
        try:
            return super().getShorthandAttrValue(*arguments)  # type: ignore[misc]
        except TypeError:
            return 0


class _Column(_Lenient, MjColumn):  # type: ignore[misc]
    pass


class _Divider(_Lenient, MjDivider):  # type: ignore[misc]
    pass


class _Section(_Lenient, MjSection):  # type: ignore[misc]
    pass


class _Wrapper(_Lenient, MjWrapper):  # type: ignore[misc]
    pass


class _Image(_Lenient, MjImage):  # type: ignore[misc]
    """An image; a height without a number is as if there were none."""

    def get_attr(self, name: str, **more: Any) -> Any:
        value = super().get_attr(name, **more)
        if name != "height" or value in {None, "auto"}:
            return value
        return f"{_whole(value)}px" if _whole(value) else None

    getAttribute = get_attr  # noqa: N815 - the compiler calls it by both names


class _Hero(_Lenient, MjHero):  # type: ignore[misc]
    """A hero; without measures of its picture it is as wide as what holds it, and no higher."""

    def get_attr(self, name: str, **more: Any) -> Any:
        value = super().get_attr(name, **more)
        if name == "background-width" and not _whole(value):
            return self.context["containerWidth"]
        if name in {"background-width", "background-height", "height"}:
            return value.strip() if _whole(value) else "0px"
        return value

    getAttribute = get_attr  # noqa: N815 - the compiler calls it by both names


LENIENT = (_Column, _Divider, _Hero, _Image, _Section, _Wrapper)
"""To be registered instead of the compiler's own."""
