"""One audience: who belongs, why somebody does, what it shares with others, how it came to be."""

from collections.abc import Iterator, Sequence

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.changing import audiences as changing
from dashboard.components import done, sheet
from dashboard.components.audiences.glance import glance
from dashboard.components.rules.versions import changes
from dashboard.door import identity
from dashboard.reading import audiences as reading
from dashboard.reading.audiences import Shown
from dashboard.showing.safe import plain
from dashboard.showing.words import moment, number
from delivery.audiences import Answer, AudienceError
from delivery.audiences.sentences import phrase
from models.records.audiences import StoredAudience
from models.records.conditions import AllOf, AnyOf, Condition, NotOf

_MOST = 5
"""Audiences that are laid over each other."""
_TOLD = "Each condition is told with what the recipient has."
_VERDICTS = "It is told of each condition whether it holds."


def show(found: Shown, others: Sequence[str], *, may: bool) -> None:
    """Draw all there is about it."""
    st.markdown(plain(found.said))
    if found.used_by:
        st.caption(plain(f"Used by {', '.join(found.used_by)}"))
    try:
        condition = reading.saved(found.stored.key)
    except AudienceError as error:
        st.error(plain(str(error)))
    else:
        left, right = st.columns(2, gap="medium")
        with left:
            _members(found, condition)
        with right:
            _why(condition)
        _overlap(found.stored.key, others)
    _versions(found.stored.key, may=may)


def offer_removal(found: Shown) -> None:
    """Draw the way to remove it, where nothing uses it."""
    if not found.used_by and st.button("Remove", icon=":material/delete:", key="audience_remove"):
        st.dialog(f"Remove {plain(found.stored.title)}?")(_ask_remove)(found.stored.key)


def _ask_remove(key: str) -> None:
    st.markdown("Its versions and lists go with it. The audit keeps what it said.")
    if st.button("Remove", type="primary", key="audience_remove_now"):
        who = identity.current().person

        def remove() -> None:
            changing.remove(who, key)
            st.query_params.pop("audience", None)

        done.attempt(remove, f"{key} was removed")


def _members(found: Shown, condition: Condition) -> None:
    with st.container(border=True):
        glance(condition)
        if found.size is not None:
            counted = moment(found.size.counted_at, page.zone())
            st.caption(f"{number(found.size.members)} when last counted, {counted}")
        with st.container(horizontal=True):
            exactly = st.button("Count exactly", icon=":material/calculate:", key="audience_count")
            sheet.take("members", {"audience": [found.stored.key]}, "Who belongs")
        if exactly:
            _count(found.stored.key, condition)


def _count(key: str, condition: Condition) -> None:
    bar, members = st.progress(0.0, "Counting"), 0
    try:
        for share, so_far in reading.count(key, condition):
            members = so_far
            bar.progress(share, f"{number(members)} so far")
    except data.DatabaseError as error:
        st.error(plain(f"Counting takes too long: {error}. Narrow it down."))
        return
    done.leave(f"{number(members)} belong")


def _why(condition: Condition) -> None:
    with st.container(border=True):
        recipient = str(
            st.text_input(
                "Why is somebody in or out?", key="audience_who", placeholder="Recipient id"
            )
        ).strip()
        if not recipient:
            st.caption(_TOLD if identity.may(Permission.SEE_PERSONAL) else _VERDICTS)
            return
        answer = reading.explain(identity.current(), condition, recipient)
        if answer is None:
            st.warning(plain(f"There is no recipient {recipient}: so they are in no audience."))
            return
        st.markdown(f"**{plain(recipient)} is {'in' if answer.holds else 'out'}**")
        st.markdown("\n".join(line for part in _top(answer) for line in _lines(part, 0)))


def _top(answer: Answer) -> Sequence[Answer]:
    """What the whole is made of: what it says together stands above already."""
    return answer.parts if isinstance(answer.condition, (AllOf, AnyOf)) else (answer,)


def _lines(answer: Answer, depth: int) -> Iterator[str]:
    mark = ":green[:material/check:]" if answer.holds else ":red[:material/close:]"
    word = "holds" if answer.holds else "does not hold"
    seen = f" :gray[they have: {plain(answer.seen)}]" if answer.seen else ""
    yield f"{'    ' * depth}- {mark} {plain(phrase(answer.condition))} :gray[({word})]{seen}"
    for part in answer.parts:
        if part.parts or not isinstance(answer.condition, NotOf):
            yield from _lines(part, depth + 1)


def _overlap(key: str, others: Sequence[str]) -> None:
    if not others:
        return
    chosen = st.multiselect(
        "Overlap with", others, max_selections=_MOST - 1, key="audience_overlap",
        placeholder="Other audiences",
    )  # fmt: skip
    if not chosen:
        return
    try:
        found = reading.overlaps([key, *chosen])
    except (AudienceError, data.DatabaseError) as error:
        st.error(plain(str(error)))
        return
    rows = {
        "Audiences": [" and ".join(each.keys) for each in found],
        "Members": [f"{'' if each.exact else 'about '}{number(each.number)}" for each in found],
    }
    st.dataframe(rows, hide_index=True, alt="Members of each audience, of each two, and of all")


def _versions(key: str, *, may: bool) -> None:
    st.subheader("Versions", anchor=False)
    found = reading.versions(key)
    for place, one in enumerate(found):
        with st.expander(_title(one, in_force=place == 0)):
            before = found[place + 1].document if place + 1 < len(found) else {}
            st.code(changes(dict(before), dict(one.document)), language="diff")
            if may and place and st.button("Go back to it", key=f"audience_back_{one.version}"):
                _back(key, one.version)


def _back(key: str, version: int) -> None:
    who = identity.current().person
    done.attempt(lambda: changing.go_back(who, key, version), f"As in version {version} again")


def _title(one: StoredAudience, *, in_force: bool) -> str:
    mark = " :green-badge[In force]" if in_force else ""
    when = moment(one.changed_at, page.zone())
    return f"Version {one.version}{mark} {plain(one.note)} :gray[{plain(one.changed_by)}, {when}]"
