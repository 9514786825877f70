"""What a recipient wants: merged preferences with whose word counts, and how that changed."""

from datetime import UTC, datetime, time, timedelta

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import wishes
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import plain
from dashboard.showing.words import label, moment
from delivery.consent.wishes import Line, Origin, Standing, merged, muted
from delivery.registry import all_channels
from models.readings.consent import ChoiceChange, Consent
from models.records import EVERY, Choice, Via

_WORDS = {"On": True, "Off": False, "Default": None}
_WHOSE = {
    Origin.MANDATORY: "mandatory",
    Origin.MUTE: "muted",
    Origin.PERSONAL: "their choice",
    Origin.ORG: "their organisation",
    Origin.CATEGORY: "category",
    Origin.INSTALLATION: "nobody said",
}
_FROM = {
    Via.API: "over the API",
    Via.LINK: "by the link in a mail",
    Via.PREFERENCE_CENTRE: "on the preference page",
    Via.MAIL: "by a mail to the address in one",
    Via.CONSOLE: "in the console",
    Via.COMMAND: "at the command line",
    Via.IMPORT: "from a file",
}
_LISTED = 8
"""Changes that are shown."""


def show(recipient: str, consent: Consent, now: datetime) -> None:
    """Draw the card of somebody's preferences."""
    st.subheader("Preferences", anchor=False)
    _pauses(consent, now)
    lines = merged(consent.facts, consent.topics.values(), sorted(all_channels()))
    if not lines:
        st.caption("There are no topics yet.")
    for line in lines:
        _line(line)
    if identity.may(Permission.CHANGE_CONSENT):
        _buttons(recipient, consent, lines, now)
    if consent.changes:
        with st.expander("Who changed what"):
            for change in consent.changes[:_LISTED]:
                _change(change)


def _pauses(consent: Consent, now: datetime) -> None:
    facts = consent.facts
    if not facts.preferences.get((EVERY, EVERY), True):
        st.markdown(":red-badge[Muted] :small[everything but critical and mandatory topics]")
    else:
        for channel in [each for each in sorted(all_channels()) if muted(each, facts)]:
            st.markdown(f":red-badge[Muted] :small[everything on {plain(label(channel))}]")
    if facts.snoozed_until is not None and facts.snoozed_until > now:
        until = moment(facts.snoozed_until, page.zone())
        st.markdown(f":orange-badge[Snoozed] :small[until {until}; the feed still fills]")


def _line(line: Line) -> None:
    words = " ".join(_standing(channel, said) for channel, said in line.standings.items())
    always = f"  \n:small[:gray[Always: {plain(', '.join(line.always))}]]" if line.always else ""
    st.markdown(f"**{plain(line.category.title)}**  \n{words}{always}")


def _standing(channel: str, said: Standing) -> str:
    colour, word = ("green", "on") if said.allowed else ("red", "off")
    return f":{colour}-badge[{plain(label(channel))} {word}] :small[:gray[{_WHOSE[said.origin]}]]"


def _change(change: ChoiceChange) -> None:
    when = moment(change.at, page.zone())
    who = plain(f"{change.changed_by}, {_FROM[Via(change.via)]}, {when}")
    st.markdown(f"{_told(change)}  \n:small[:gray[{who}]]")


def _told(change: ChoiceChange) -> str:
    where = "every channel" if change.channel == EVERY else label(change.channel)
    if change.category == EVERY:
        what = "Snooze" if change.until else "Mute"
        word = "ended" if change.allowed is None else "set"
        return f"{what} {word} on {plain(where)}"
    word = "default" if change.allowed is None else "on" if change.allowed else "off"
    return f"**{plain(change.category)}** {word} on {plain(where)}"


def _buttons(recipient: str, consent: Consent, lines: tuple[Line, ...], now: datetime) -> None:
    facts = consent.facts
    snoozed = facts.snoozed_until is not None and facts.snoozed_until > now
    silent = not facts.preferences.get((EVERY, EVERY), True)
    with st.container(horizontal=True, gap="small", key="consent_buttons"):
        if st.button("Change", icon=":material/tune:", key="consent_change"):
            st.dialog("Change a preference")(_ask_choice)(recipient, lines)
        if st.button("Unmute" if silent else "Mute", key="consent_mute"):
            wanted = Choice(recipient, EVERY, EVERY, None if silent else False)
            _do(wanted, "Unmuted" if silent else "Muted")
        if snoozed and st.button("End the snooze", key="consent_wake"):
            who = identity.current().person
            attempt(lambda: wishes.leave_alone(who, recipient, None), "The snooze is over")
        if not snoozed and st.button("Snooze", key="consent_snooze"):
            st.dialog("Snooze")(_ask_snooze)(recipient, now)


def _do(choice: Choice, done: str) -> None:
    who = identity.current().person
    attempt(lambda: wishes.choose(who, choice), done)


def _ask_choice(recipient: str, lines: tuple[Line, ...]) -> None:
    titles = {line.category.key: line.category.title for line in lines}
    category = st.selectbox(
        "Category", list(titles), format_func=lambda key: titles[key], key="consent_category"
    )
    channel = st.selectbox(
        "Channel",
        [EVERY, *sorted(all_channels())],
        format_func=lambda key: "Every channel" if key == EVERY else label(key),
        key="consent_channel",
    )
    word = st.segmented_control("Wanted", list(_WORDS), default="Off", key="consent_word")
    st.caption("It is kept as said by you. Default takes their own choice back.")
    if st.button("Change", type="primary", key="consent_now", disabled=not (category and word)):
        _do(Choice(recipient, str(category), str(channel), _WORDS[str(word)]), "Changed")


def _ask_snooze(recipient: str, now: datetime) -> None:
    zone = page.zone()
    tomorrow = (now.astimezone(zone) + timedelta(days=1)).date()
    day = st.date_input("Until the morning of", tomorrow, key="consent_day")
    until = datetime.combine(day, time(8), zone).astimezone(UTC)
    st.caption(f"Held until {moment(until, zone)}, {zone}; what expires before is not sent.")
    if st.button("Snooze", type="primary", key="consent_snooze_now"):
        who = identity.current().person
        attempt(lambda: wishes.leave_alone(who, recipient, until), "Snoozed")
