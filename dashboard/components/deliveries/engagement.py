"""Opens and clicks: by whom, link by link, and what told."""

from collections.abc import Iterable, Sequence

import pandas as pd
import streamlit as st

from dashboard.showing.safe import code, plain
from dashboard.showing.words import label, number
from delivery.engagement.signs import BY_CODE
from delivery.rendering.anchors import anchors
from models.readings.deliveries import Reaction
from models.readings.engagement import ConversionLine, EngagementLine, LinkLine
from models.records import Basis, By, TemplateVersion

_WHO = {
    By.PERSON: "a person",
    By.PROXY: "a reader's proxy",
    By.PREFETCH: "fetched ahead",
    By.SCANNER: "a scanner",
}
_PEOPLE = frozenset({By.PERSON, By.PROXY})
"""Whose opens are a person's, as far as one can see."""
_COUNTS = {
    Basis.NAMED: "its product named this message",
    Basis.CLICKED: "after a click",
    Basis.OPENED: "after an open",
    Basis.DELIVERED: "after it was handed over",
}
_SAYS = 60
"""Most characters of what a link says."""


def told(each: Reaction, version: TemplateVersion | None) -> str | None:
    """An open or a click: what was followed and who it was; `None` of all else."""
    by = each.detail.get("by")
    return f"{label(each.kind)}{_named(each, version)}: {_WHO[By(by)]}" if by in set(By) else None


def reasons(reactions: Iterable[Reaction]) -> list[str]:
    """What told who they were, each once."""
    found = []
    for each in reactions:
        sign = BY_CODE.get(str(each.detail.get("why", "")))
        if sign is not None and sign.code and each.detail.get("by") == sign.by:
            found.append(f"{_WHO[sign.by].capitalize()}: {sign.sentence}")
    return list(dict.fromkeys(found))


def _named(each: Reaction, version: TemplateVersion | None) -> str:
    raw = each.detail.get("raw")
    place = raw.get("link") if isinstance(raw, dict) else None
    if not isinstance(place, int) or not place:
        return ""
    found = {one.number: one for one in anchors(version.compiled or "")} if version else {}
    said = found[place].text if place in found else ""
    return f" “{said[:_SAYS]}”" if said else f" link {place}"


def followed(one: ConversionLine) -> str:
    """A conversion, its value, and why it counts for this delivery."""
    value = "" if one.value is None else f" {one.value:f} {one.currency or ''}".rstrip()
    return f"{one.name}{value}: {_COUNTS[Basis(one.basis)]}"


def link_map(version: TemplateVersion, lines: Sequence[LinkLine]) -> None:
    """Draw each link of a version with who followed it."""
    found = anchors(version.compiled or "")
    counted = [line for line in lines if line.version == version.version]
    if not found and not counted:
        return
    st.subheader("Links", anchor=False)
    frame = pd.DataFrame(
        [
            ["Opens" if not one else str(one), says, leads, *_figures(counted, one)]
            for one, says, leads in [
                (0, "", ""),
                *((each.number, plain(each.text[:_SAYS]), code(each.href)) for each in found),
            ]
        ],
        columns=["Link", "Says", "Leads to", "People", "Mails", "Programs"],
    )
    st.table(frame, border="horizontal", hide_index=True, alt="Links and who followed them")
    st.caption(
        "People: opens and clicks by people, proxies of theirs included. Mails: in how many there"
        " was one. Programs: scanners and what fetches ahead. Test events are not counted."
    )


def _figures(lines: Iterable[LinkLine], link: int) -> tuple[str, str, str]:
    of = [line for line in lines if line.link == link]
    people = [line for line in of if line.by in _PEOPLE]
    programs = sum(line.times for line in of if line.by not in _PEOPLE)
    times, mails = sum(line.times for line in people), sum(line.deliveries for line in people)
    return number(times), number(mails), number(programs)


def figures(lines: Iterable[EngagementLine]) -> None:
    """Draw how many mails of a topic were opened and clicked in, by people and by programs."""
    found: dict[tuple[str, bool], int] = {}
    for line in lines:
        key = line.state, line.by in _PEOPLE
        found[key] = found.get(key, 0) + line.number
    with st.container(horizontal=True):
        for state in ("opened", "clicked"):
            people, programs = found.get((state, True), 0), found.get((state, False), 0)
            if people or programs:
                st.metric(f"{label(state)} by people", number(people), width="content")
                st.metric("by programs", number(programs), width="content")
