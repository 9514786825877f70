"""Who a recipient is, where they are reached, what they chose, and their feed."""

from collections.abc import Mapping

import streamlit as st

from dashboard import data, page
from dashboard.components.recipients import consent, leaving, slots, suppressed
from dashboard.reading.reports import RecipientReport
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label, masked, moment
from delivery.rulebook.zones import ZoneSource, zone_of
from models.readings.recipients import AddressLine, Card, FeedLine
from models.records import Json, Profile, Zones

_FALLBACK = ":gray[not told: the event's own, else English]"
_ZONES: Mapping[ZoneSource, str] = {
    ZoneSource.OWN: "set by themselves",
    ZoneSource.PROFILE: "from the profile",
    ZoneSource.ORG: "of their org, by the rules",
    ZoneSource.DEFAULT: "the installation's, as none is told",
}


def show(recipient: str, report: RecipientReport, *, personal: bool) -> None:
    """Draw profile, addresses and choices."""
    with st.container(border=True, key="card_profile"):
        _profile(recipient, report)
        leaving.show(recipient)
    with st.container(border=True, key="card_addresses"):
        st.subheader("Addresses", anchor=False)
        if not report.addresses:
            st.caption("None: nothing but the feed reaches them.")
        for line in report.addresses:
            _address(line, report, personal=personal)
        if report.addresses and not personal:
            st.caption("Shown in part; engineers and admins see them in full.")
        suppressed.add(report.addresses)
        suppressed.history(report.consent, personal=personal)
    slots.show(report.standings)
    with st.container(border=True, key="card_choices"):
        consent.show(recipient, report.consent, data.now())


def _profile(recipient: str, report: RecipientReport) -> None:
    card = report.card
    st.subheader(plain((card and card.name) or recipient), anchor=False)
    if card is None:
        st.caption(f"{code(recipient)} is in events, but nobody told us who that is.")
        return
    zone = page.zone()
    facts = {
        "Id": code(card.recipient_id),
        "Locale": f"{plain(card.locale)} :gray[from the profile]" if card.locale else _FALLBACK,
        "Time zone": _zone(card, report.zones),
        "Quiet hours": _quiet(card.quiet_hours),
        "Organisation": plain(card.org or ""),
        "Known since": moment(card.created_at, zone),
        "Changed": moment(card.updated_at, zone),
    }
    st.table({name: fact for name, fact in facts.items() if fact}, border="horizontal")
    if card.attributes:
        st.json(dict(card.attributes), expanded=False)


def _zone(card: Card, zones: Zones) -> str:
    """The zone in which their quiet hours and caps are meant, and whose word it is."""
    profile = Profile(
        card.recipient_id, timezone=card.timezone, org=card.org, quiet_hours=card.quiet_hours
    )
    found = zone_of(profile, zones)
    passed = ", as another that is named is none" if found.passed_over else ""
    return f"{plain(found.name)} :gray[{_ZONES[found.source]}{passed}]"


def _quiet(hours: Json | None) -> str:
    """The hours a person set, as they stand there."""
    if hours is None:
        return ""
    lines = hours.get("quiet") or ()
    return f"{plain(', '.join(map(str, lines)))} :gray[set by themselves]"


def _address(line: AddressLine, report: RecipientReport, *, personal: bool) -> None:
    shown = line.address if personal else masked(line.address)
    preferred = " :primary-badge[Preferred]" if line.preferred else ""
    st.markdown(f":gray[{label(line.channel)}] {code(shown)}{preferred}")
    suppressed.show(line, report.consent)


def feed(report: RecipientReport) -> None:
    """Draw the feed's counts and newest items."""
    counts = report.counts
    st.markdown(
        f":gray-badge[{counts.items} items] :blue-badge[{counts.unseen} unseen]"
        f" :violet-badge[{counts.unread} unread]"
    )
    if not report.feed:
        st.caption("Their feed is empty.")
    for line in report.feed:
        with st.container(border=True, key=f"card_feed_{line.seq}", gap="xxsmall"):
            _item(line)


def _item(line: FeedLine) -> None:
    st.markdown(f"**{plain(line.title)}** {_looked_at(line)}")
    if line.body:
        st.text(line.body)
    st.caption(f"{plain(line.topic)} · {moment(line.created_at, page.zone())}")


def _looked_at(line: FeedLine) -> str:
    if line.archived_at:
        return ":gray-badge[Archived]"
    if line.read_at:
        return ":gray-badge[Read]"
    return ":violet-badge[Unread]" if line.seen_at else ":blue-badge[Unseen]"
