"""Writing an audience: conditions in groups, or its document as TOML, with who belongs beside."""

from collections.abc import Callable

import streamlit as st

from dashboard.changing import audiences as changing
from dashboard.changing.audiences import Draft
from dashboard.components import done
from dashboard.components.audiences import condition
from dashboard.components.audiences.glance import glance
from dashboard.door import identity
from dashboard.reading import audiences as reading
from dashboard.showing import conditions
from dashboard.showing.conditions import Document, Path
from dashboard.showing.safe import plain
from delivery.audiences import AudienceError, as_toml, read_toml, sentence
from delivery.audiences.document import read
from models.records.audiences import Audience, Nameable, StoredAudience

_DRAFT, _BASE, _FILLED = "audience_draft", "audience_base", "audience_filled"
_OF = {
    "all": "all of these conditions", "any": "any of these conditions",
    "none": "none of these conditions",
}  # fmt: skip
_NEW: Document = {"key": "my-audience", "title": "My audience", "all": []}


def is_open(key: str | None) -> bool:
    """Whether somebody is at this audience, or (`None`) at a new one."""
    base: StoredAudience | None = st.session_state.get(_BASE)
    return _DRAFT in st.session_state and (base and base.key) == key


def open_on(stored: StoredAudience | None) -> None:
    """Begin with an audience's document; with everybody for a new one."""
    st.session_state[_BASE] = stored
    _put(dict(_NEW if stored is None else stored.document))
    st.rerun()


def _put(document: Document) -> None:
    st.session_state[_DRAFT] = as_toml(document)
    # In another widget, as the browser remembers what it wrote in one.
    st.session_state[_FILLED] = st.session_state.get(_FILLED, 0) + 1


def edit() -> None:
    """Draw the rows, the document, who would belong, and the way to save it."""
    known = changing.known()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        found = _document(known)
        if found is not None and not found[1].is_list:
            _rows(found[0], known)
    with right:
        if found is not None:
            st.markdown(plain(sentence(found[1])))
            _look(found[1])
    _save(None if found is None else found[1])


def _document(known: Nameable) -> tuple[Document, Audience] | None:
    """The document as it stands, and what it means; its faults are told."""
    key = f"audience_text_{st.session_state.get(_FILLED, 0)}"
    st.session_state.setdefault(key, st.session_state[_DRAFT])
    with st.expander("As TOML"):
        text = str(st.text_area("Audience, as TOML", height=320, key=key))
    rewritten = text != st.session_state[_DRAFT]
    st.session_state[_DRAFT] = text
    try:
        found = read_toml(text, known)
    except AudienceError as error:
        for fault in error.faults:
            st.error(plain(f"Line {fault.line}: {fault}" if fault.line else str(fault)))
        return None
    if rewritten:
        # The other fields remember what they said before, and would say it again.
        st.session_state[_FILLED] += 1
        st.rerun()
    return found


def _rows(document: Document, known: Nameable) -> None:
    """Key and title, the conditions in their groups, and one more."""
    _frame(document)
    for place, node in enumerate(conditions.inside(document)):
        _node(document, node, (place,))
    if not conditions.inside(document):
        st.caption("No condition yet: everybody belongs.")
    with st.container(border=True):
        path = _place(document)
        if (added := condition.ask(known)) is not None:
            _put(conditions.added(document, path, added))
            st.rerun()


def _node(document: Document, node: conditions.Node, path: Path) -> None:
    """A condition as a row, or a group with its rows inside."""
    kind = conditions.kind_of(node)
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if kind is None:
                st.markdown(plain(_said(node)), width="stretch")
                _turn("Not", conditions.turned, document, path)
            else:
                _kind(document, kind, path)
                _turn("Ungroup", conditions.ungrouped, document, path)
            words = "Group with above" if path[-1] else "Group"
            _turn(words, conditions.grouped, document, path)
            _turn("Remove", conditions.without, document, path)
        for place, each in enumerate(conditions.inside(node) if kind else ()):
            _node(document, each, (*path, place))


def _kind(document: Document, kind: str, path: Path) -> None:
    """The choice of what must hold of a group."""
    offered = [one for one in _OF if path or one != "none"]
    chosen = str(
        st.selectbox(
            f"Group {_named(path)}" if path else "Belongs who meets", offered,
            index=offered.index(kind), format_func=_OF.__getitem__,
            key=f"aud_group_{_named(path)}_{st.session_state[_FILLED]}",
        )
    )  # fmt: skip
    if chosen != kind:
        _put(conditions.matching(document, path, chosen))
        st.rerun()


def _place(document: Document) -> Path:
    """The choice of the group that gets one more condition, where there are several."""
    ways = conditions.groups(document)
    if len(ways) == 1:
        return ()
    return st.selectbox(
        "Add to", ways, key=f"aud_place_{st.session_state[_FILLED]}",
        format_func=lambda path: f"Group {_named(path)}" if path else "The whole",
    )  # fmt: skip


def _named(path: Path) -> str:
    return ".".join(str(place + 1) for place in path)


def _frame(document: Document) -> None:
    turn = st.session_state[_FILLED]
    new = st.session_state[_BASE] is None
    with st.container(horizontal=True):
        key = st.text_input("Key", document["key"], key=f"aud_key_{turn}", disabled=not new)
        title = st.text_input("Title", document["title"], key=f"aud_title_{turn}")
        _kind(document, conditions.kind_of(document) or "all", ())
    changed = {**document, "key": str(key), "title": str(title)}
    if changed != document:
        _put(changed)
        st.rerun()


def _turn(
    words: str, change: Callable[[Document, Path], Document], document: Document, path: Path
) -> None:
    name = f"aud_{words}_{_named(path)}_{st.session_state[_FILLED]}"
    if st.button(words, key=name, type="tertiary", help=f"{words}: {_named(path)}"):
        _put(change(document, path))
        st.rerun()


def _said(node: conditions.Node) -> str:
    """One condition in words."""
    whole = sentence(read({"key": "one", "title": "One", "all": [node]}))
    return whole.removeprefix("Everybody for whom ").removesuffix(".")


def _look(audience: Audience) -> None:
    try:
        glance(reading.drafted(audience))
    except AudienceError as error:
        st.error(plain(str(error)))


def _save(audience: Audience | None) -> None:
    base: StoredAudience | None = st.session_state[_BASE]
    note = str(st.text_input("Note", key="audience_note", help="What changes and why"))
    with st.container(horizontal=True, key="audience_save"):
        save = st.button("Save", type="primary", disabled=audience is None, key="audience_now")
        if st.button("Discard", key="audience_discard"):
            close()
            st.rerun()
    if not save or audience is None:
        return
    who, key = identity.current().person, audience.key if base is None else base.key
    draft = Draft(st.session_state[_DRAFT], None if base is None else base.version, note)

    def put() -> None:
        changing.save(who, key, draft)
        close()
        st.query_params["audience"] = key

    done.attempt(put, "Saved: in effect within a second", lambda: changing.ask(who, key, draft))


def close() -> None:
    """Forget the draft."""
    for key in (_DRAFT, _BASE):
        st.session_state.pop(key, None)
