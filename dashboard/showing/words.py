"""How the console writes codes, times and numbers. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.states import CampaignState as C, DeliveryState as D, EventState as E

STATE_COLOURS: dict[str, str] = {
    D.SCHEDULED: "blue",
    D.SENDING: "violet",
    D.SENT: "green",
    D.DELIVERED: "green",
    D.BOUNCED: "red",
    D.FAILED: "red",
    D.IN_DOUBT: "orange",
    D.COLLECTED: "blue",
    D.DIGESTED: "green",
    D.SKIPPED: "gray",
    D.CANCELLED: "gray",
    D.EXPIRED: "gray",
    E.EXPANDING: "violet",
    E.PLANNED: "green",
    E.REJECTED: "red",
    C.DRAFT: "gray",
    C.RUNNING: "violet",
    C.PAUSED: "orange",
    C.FINISHED: "green",
}

_AS_WRITTEN = {"in_app": "In-app", "email": "E-mail", "sms": "SMS"}
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"))


def label(code: str) -> str:
    """A code as people write it: `in_doubt` → In doubt."""
    return _AS_WRITTEN.get(code, code.replace("_", " ").capitalize())


def duration(length: timedelta) -> str:
    """A length of time in at most two units: `850 ms`, `12 s`, `3 min 5 s`, `2 d 4 h`."""
    seconds = max(length.total_seconds(), 0)
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:  # noqa: PLR2004 - below, a tenth of a second still says something
        return f"{seconds:.1f} s"
    rest = int(seconds)
    for size, unit in _UNITS:
        if rest >= size:
            return f"{rest // size} {unit}{_remainder(rest % size, size)}"
    return f"{rest} s"


def _remainder(rest: int, size: int) -> str:
    smaller = {86400: (3600, "h"), 3600: (60, "min"), 60: (1, "s")}[size]
    return f" {rest // smaller[0]} {smaller[1]}" if rest // smaller[0] else ""


def milliseconds(value: float | None) -> str:
    """A measured time; a dash when nothing was measured."""
    return "–" if value is None else duration(timedelta(milliseconds=value))


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment to the second, in a zone that is named elsewhere on the page."""
    return f"{at.astimezone(zone):%d %b %Y, %H:%M:%S}"


def clock(at: datetime, zone: ZoneInfo) -> str:
    """The time of day to the second."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def number(value: float) -> str:
    """A count with thin thousands: 12 345."""
    return f"{value:,.0f}".replace(",", "\u202f")


def per_cent(share: float) -> str:
    """A share to two digits below 10 %, to one above."""
    return f"{share:.2%}" if share < 0.1 else f"{share:.1%}"  # noqa: PLR2004


def masked(address: str) -> str:
    """An address of which only its owner recognises the rest: `a•••@example.com`."""
    local, at, domain = address.rpartition("@")
    if not at:
        return f"{address[:2]}•••{address[-2:]}" if len(address) > 6 else "•••"  # noqa: PLR2004
    return f"{local[:1]}•••@{domain}"
