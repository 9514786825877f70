"""Colours of CSS and how well one can be read on another (WCAG 2.2, relative luminance). Pure."""

import re
from typing import NamedTuple

READABLE = 4.5
"""Least contrast of text (WCAG 2.2, success criterion 1.4.3, level AA)."""
READABLE_LARGE = 3.0
"""The same for large text."""


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255; `alpha` from 0, transparent, to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


BLACK, WHITE, LINK = Colour(0, 0, 0), Colour(255, 255, 255), Colour(0, 0, 238)
_NAMED = {
    "aqua": "00ffff", "black": "000000", "blue": "0000ff", "crimson": "dc143c",
    "darkblue": "00008b", "darkgray": "a9a9a9", "darkgreen": "006400", "darkred": "8b0000",
    "dimgray": "696969", "fuchsia": "ff00ff", "gold": "ffd700", "gray": "808080",
    "green": "008000", "grey": "808080", "indigo": "4b0082", "lightgray": "d3d3d3",
    "lightgrey": "d3d3d3", "lime": "00ff00", "maroon": "800000", "navy": "000080",
    "olive": "808000", "orange": "ffa500", "pink": "ffc0cb", "purple": "800080",
    "red": "ff0000", "silver": "c0c0c0", "slategray": "708090", "teal": "008080",
    "tomato": "ff6347", "white": "ffffff", "whitesmoke": "f5f5f5", "yellow": "ffff00",
}  # fmt: skip
_HEX = re.compile(r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})(?![0-9a-z])")
_RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+)(%?))?\s*\)")


def read(text: str) -> Colour | None:
    """The first colour in a value of CSS; `None` where there is none that we know."""
    text = text.lower()
    if "transparent" in text:
        return Colour(0, 0, 0, 0)
    if found := _HEX.search(text):
        return _hex(found[0][1:])
    if found := _RGB.search(text):
        alpha = float(found[4] or 1) / (100 if found[5] else 1)
        return Colour(float(found[1]), float(found[2]), float(found[3]), min(alpha, 1.0))
    named = (_NAMED.get(word) for word in re.findall(r"[a-z]+", text))
    return next((_hex(one) for one in named if one), None)


def _hex(digits: str) -> Colour:
    if len(digits) <= len("rgba"):
        digits = "".join(2 * digit for digit in digits)
    red, green, blue, *alpha = (int(digits[at : at + 2], 16) for at in range(0, len(digits), 2))
    return Colour(red, green, blue, alpha[0] / 255 if alpha else 1.0)


def over(front: Colour, back: Colour) -> Colour:
    """What is seen of a colour in front of one that is not transparent."""
    mixed = (
        one * front.alpha + other * (1 - front.alpha)
        for one, other in zip(front[:3], back[:3], strict=True)
    )
    return Colour(*mixed)


def contrast(one: Colour, other: Colour) -> float:
    """From 1, the same, to 21, black on white."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB


def written(colour: Colour) -> str:
    """As `#rrggbb`."""
    return "#" + "".join(f"{round(part):02x}" for part in colour[:3])
