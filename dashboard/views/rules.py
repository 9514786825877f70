"""Caps and quiet hours: each rule as a sentence, its versions, and a place to change them."""

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import done
from dashboard.components.approvals import asked
from dashboard.components.rules import rulebook, versions
from dashboard.door import identity
from dashboard.page import Page
from dashboard.showing.safe import code, plain
from dashboard.showing.words import moment
from delivery.approving.titles import WHOLE
from delivery.rulebook import RulebookError, read, sentence
from delivery.rulebook.sentences import joined
from models.records import ApprovalKind, Cap, QuietHours, Rulebook, StoredDocument

_EXAMPLE = "tidings rules publish rules.toml"


def render() -> None:
    """Draw the page."""
    stored = data.rulebooks()
    place = page.header("Caps and quiet hours", "What holds for everybody, whatever the topic")
    may = identity.may(Permission.RULE)
    with place:
        if may and not rulebook.is_open() and st.button("Edit", icon=":material/edit:"):
            rulebook.open_on(stored[0] if stored else None)
    done.told()
    asked.show(ApprovalKind.RULES, WHOLE, stored[0].published_at if stored else None)
    if rulebook.is_open() and may:
        rulebook.edit(stored[0] if stored else None)
        return
    if not stored:
        page.empty(
            "No rules are published",
            "Promotional mail goes at any hour and in any number. Edit, or publish a file:",
            _EXAMPLE,
        )
        return
    _in_force(stored[0])
    versions.show(stored, may=may)


def _in_force(stored: StoredDocument) -> None:
    try:
        book = read(stored.document, stored.version)
    except RulebookError as error:
        st.error(
            f"Version {stored.version} cannot be read, so the one before it is in force:"
            f" {plain(str(error))}"
        )
        return
    since = moment(stored.published_at, page.zone())
    st.caption(
        f"Version {stored.version} since {since}, by {plain(stored.published_by)}:"
        f" {plain(stored.note)}"
    )
    show(book)


def show(book: Rulebook) -> None:
    """Draw a card for each rule."""
    if not book.rules:
        st.caption("It holds no rule.")
    for rule in book.rules:
        _card(rule)
    zones = [f"{plain(book.zones.default)} where nothing else is known"]
    zones += [f"{plain(zone)} for {plain(org)}" for org, zone in sorted(book.zones.orgs.items())]
    st.caption(f"Time zones of people whose profile names none: {', '.join(zones)}.")


def _card(rule: Cap | QuietHours) -> None:
    with st.container(border=True, key=f"card_rule_{rule.key}", gap="xxsmall"):
        st.markdown(f"{_badge(rule)} **{plain(sentence(rule))}**")
        st.caption(f"{code(rule.key)} {_who_wins(rule)}")


def _badge(rule: Cap | QuietHours) -> str:
    match rule:
        case QuietHours(sends=True):
            return ":blue-badge[Send window]"
        case QuietHours():
            return ":violet-badge[Quiet hours]"
        case Cap():
            return ":orange-badge[Cap]"


def _who_wins(rule: Cap | QuietHours) -> str:
    if isinstance(rule, Cap):
        free = f"{joined(rule.exempts)} news passes" if rule.exempts else "nothing passes"
        return f"{free}; counted: {joined(rule.counts)}."
    if rule.binding:
        return "holds for everybody, whatever hours a person set. Critical news is never held."
    return "gives way to hours that a person set, and to rules that are more particular."


PAGE = Page(
    key="rules",
    title="Caps and quiet hours",
    icon=":material/bedtime:",
    section="Govern",
    needs=Permission.SEE_SETTINGS,
    summary="The rules for the whole installation: each as a sentence, with its versions.",
    render=render,
)
