"""Who works at the command line, and the moments and deliveries they name."""

import getpass
import re
import socket
from datetime import UTC, datetime, timedelta
from uuid import UUID

import typer

from models.ids import place_of

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def operator() -> str:
    """Who is at the keyboard, for the audit."""
    return f"cli:{getpass.getuser()}@{socket.gethostname()}"


def moment(text: str, now: datetime) -> datetime:
    """A moment: ISO 8601 with a zone, or `30m`, `12h`, `7d` ago.

    Raises:
        typer.BadParameter: It is neither.
    """
    if ago := re.fullmatch(r"(\d{1,6})([mhd])", text):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text} is no moment: write it like 2026-11-22T14:05:00Z, or 30m, 12h, 7d ago"
        ) from None
    if found.tzinfo is None:
        raise typer.BadParameter(f"{text} names no time zone: add Z, or +01:00")
    return found.astimezone(UTC)


def delivery_named(text: str) -> UUID:
    """The id of a delivery.

    Raises:
        typer.BadParameter: It is none.
    """
    try:
        identifier = UUID(text)
        place_of(identifier)
    except ValueError:
        raise typer.BadParameter(f"{text} is not the id of a delivery") from None
    return identifier
