"""When something was signed, and how long that is believed."""

from datetime import datetime, timedelta

from delivery.errors import BadSignatureError

SHORT = timedelta(minutes=5)
"""How far a signed moment may be from ours where each try is signed anew (Standard Webhooks)."""
LONG = timedelta(hours=25)
"""The same where a vendor may repeat what it signed once, for a day; known events do nothing."""


def recent(stamp: str, now: datetime, within: timedelta) -> None:
    """Refuse what was signed at another time.

    Args:
        stamp: Seconds since 1970, as text.
        now: Our moment.
        within: How far apart they may be.

    Raises:
        BadSignatureError: They are further apart, or it is no number.
    """
    try:
        away = abs(now.timestamp() - float(stamp))
    except (ValueError, OverflowError) as error:
        raise BadSignatureError("its timestamp is no number") from error
    if not away <= within.total_seconds():
        raise BadSignatureError("it was signed at another time")
