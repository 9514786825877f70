"""When a digest closes. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from delivery.classes import Gate, passes
from delivery.digests.groups import grouped
from delivery.ports import Draft
from delivery.rulebook.zones import zone_of
from models import ids
from models.records import Digest, DigestKind, Facts, OpenDigest, Rhythm

FULL = 1000
"""A digest that holds so many closes at once: nobody reads more in one message."""
_IN_TIME = timedelta(minutes=1)
"""A digest closes so long before the first of its news would expire."""


def standing(rule: Digest, draft: Draft, facts: Facts) -> OpenDigest | None:
    """The digest that collects what is like this draft, if one is open."""
    return facts.digests.get((draft.topic.key, draft.step.key, grouped(rule, draft)))


def collected(rule: Digest, draft: Draft, facts: Facts, now: datetime) -> OpenDigest | None:
    """The digest it goes into, as it then stands; `None` where it would expire before that."""
    into = standing(rule, draft, facts) or opened(rule, draft, facts, now)
    after = joined(into, rule, draft, now)
    if draft.expires_at is not None and draft.expires_at <= after.closes_at:
        return None
    return after


def first(draft: Draft, facts: Facts, now: datetime) -> OpenDigest | None:
    """The digest that a draft which goes at once opens for those that come after it."""
    rule = draft.topic.digest_of(draft.step.key)
    if rule is None or rule.kind is not DigestKind.FIRST_THEN or goes_alone(draft):
        return None
    return None if standing(rule, draft, facts) else opened(rule, draft, facts, now)


def goes_alone(draft: Draft) -> str:
    """Why a draft is never collected, in a word; empty when it may be."""
    if draft.digest:
        return "a digest"
    if passes(draft.topic.klass, Gate.DIGEST):
        return str(draft.topic.klass)
    if draft.topic.sensitive:
        return "sensitive"
    return "under way" if draft.attempt else ""


def opened(rule: Digest, draft: Draft, facts: Facts, now: datetime) -> OpenDigest:
    """A new digest, still empty, that this draft opens."""
    first_of_all = draft.delivery_id
    if first_of_all is None:
        raise ValueError("what is not a delivery yet opens no digest")
    closes_at, latest_at = _window(rule, draft, facts, now)
    return OpenDigest(
        digest_id=ids.digest_id(rule.kind, first_of_all, now),
        bucket=ids.place_of(first_of_all).bucket,
        recipient_id=draft.recipient_id,
        topic=draft.topic.key,
        klass=draft.topic.klass,
        channel=draft.channel,
        step=draft.step.key,
        grouped=grouped(rule, draft),
        kind=rule.kind,
        tenant=draft.tenant,
        test=draft.test,
        opened_by=first_of_all,
        opened_at=now,
        closes_at=closes_at,
        latest_at=latest_at,
    )


def _window(rule: Digest, draft: Draft, facts: Facts, now: datetime) -> tuple[datetime, datetime]:
    """When it closes as things stand, and when at the latest."""
    match rule.kind:
        case DigestKind.DEBOUNCE:
            return now + rule.wait, now + rule.at_most
        case DigestKind.FIXED | DigestKind.FIRST_THEN:
            return now + rule.wait, now + rule.wait
        case DigestKind.RECURRING:
            zone = zone_of(facts.profile, draft.rules.rulebook.zones)
            closes_at = coming(_rhythm(rule, facts), zone.name, now)
            return closes_at, closes_at


def _rhythm(rule: Digest, facts: Facts) -> Rhythm:
    chosen = None if facts.profile is None else facts.profile.digest
    rhythm = chosen or rule.rhythm
    if rhythm is None:
        raise ValueError("a recurring digest without a rhythm")
    return rhythm


def joined(into: OpenDigest, rule: Digest, draft: Draft, now: datetime) -> OpenDigest:
    """The digest with this draft in it; what closes already is not held open by it."""
    latest_at, closes_at = into.latest_at, into.closes_at
    if into.kind is DigestKind.DEBOUNCE and closes_at > now:
        closes_at = min(max(closes_at, now + rule.wait), max(latest_at, now))
    if into.members + 1 >= FULL:
        closes_at = min(closes_at, now)
    if draft.expires_at is not None:
        latest_at = min(latest_at, max(closes_at, draft.expires_at - _IN_TIME))
    return replace(into, closes_at=closes_at, latest_at=latest_at, members=into.members + 1)


def coming(rhythm: Rhythm, zone: str, now: datetime) -> datetime:
    """The next moment of a rhythm after now, on the recipient's clock.

    A time that a clock change skips comes as much later; of one that comes twice it is the first.
    """
    local = now.astimezone(ZoneInfo(zone))
    ahead = 0 if rhythm.weekday is None else (rhythm.weekday - local.weekday()) % 7
    step = 1 if rhythm.weekday is None else 7
    while True:
        day = local.date() + timedelta(days=ahead)
        moment = datetime.combine(day, rhythm.at, local.tzinfo).astimezone(UTC)
        if moment > now:
            return moment
        ahead += step
