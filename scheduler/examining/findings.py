"""One line of `tidings doctor`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """How something is.

    Attributes:
        advice: What to do about it; empty where nothing is wrong.
        hint: What might be done, or why nobody knows; nothing is wrong for that.
    """

    subject: str
    finding: str
    advice: str = ""
    hint: str = ""
