"""Names of time zones, and which one is a recipient's."""

from functools import lru_cache
from zoneinfo import available_timezones


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """The same name.

    Raises:
        ValueError: No zone has it.
    """
    if name not in _names():
        raise ValueError("not a time zone of the IANA database: write it like Europe/Berlin")
    return name


def is_zone(name: object) -> bool:
    """Whether a zone has this name."""
    return name in _names()
