"""Nobody is disturbed in their quiet hours."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from delivery.ports import Draft
from delivery.rulebook.hours import InForce, in_force
from delivery.rulebook.quiet import Quiet, quiet
from delivery.rulebook.zones import ZoneSource
from delivery.verdicts import HoldUntil, Keep, SkipBecause, Verdict
from models.reasons import Hold, Skip
from models.records import Facts

_SMEAR = timedelta(minutes=15)
"""What waited for the same moment goes within this long after it, not all at once."""
_KEYS = 30
"""Most characters of the rules' keys in a note."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:
    """Hold until the quiet ends; skip what would be useless by then. Test events never wait."""
    if draft.test or (hours := in_force(draft, facts)) is None:
        return Keep()
    note = _note(hours, draft.rules.rulebook.version)
    found = quiet(hours.schedules, now, _SMEAR)
    if found is None:
        return Keep(note)
    if draft.expires_at is not None and draft.expires_at <= found.until:
        return SkipBecause(Skip.QUIET_TOO_LONG, note)
    return HoldUntil(_release(draft, found), Hold.QUIET_HOURS, note)


def _release(draft: Draft, found: Quiet) -> datetime:
    """A moment after the end, always the same one for the same delivery."""
    room = found.room
    if draft.expires_at is not None:
        room = min(room, draft.expires_at - found.until)
    place = 0 if draft.delivery_id is None else draft.delivery_id.int % 8999
    return found.until + room * (place / 9000)


def _note(hours: InForce, version: int) -> str:
    keys = ",".join(hours.keys)
    if len(keys) > _KEYS:
        keys = f"{keys[: _KEYS - 1]}…"
    passed = "!" if hours.zone.passed_over else ""
    return f"{keys}@{version} {hours.zone.name} {hours.zone.source}{passed}"


_SOURCES: Mapping[str, str] = {
    ZoneSource.OWN: "which they chose themselves",
    ZoneSource.PROFILE: "from their profile",
    ZoneSource.ORG: "the one of their org",
    ZoneSource.DEFAULT: "the installation's, as none is known of them",
}


def tell(note: str) -> str:
    """The rules that were asked, and the zone with its source, as a sentence."""
    rules, _, rest = note.partition(" ")
    keys, _, version = rules.partition("@")
    zone, _, source = rest.partition(" ")
    words = _SOURCES.get(source.rstrip("!"), "")
    known = "; a zone that was named before it is none" if source.endswith("!") else ""
    asked = keys.replace("own", "their own hours").replace(",", ", ")
    return f"Asked: {asked} (rules of version {version}), in {zone}, {words}{known}."
