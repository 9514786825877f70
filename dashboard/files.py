"""The console's own files: styles, scripts and pages that are not Python."""

from pathlib import Path

HERE = Path(__file__).parent


def text(*parts: str) -> str:
    """A file of this package, by its path below it."""
    return HERE.joinpath(*parts).read_text(encoding="utf-8")
