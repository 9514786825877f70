"""A campaign as some of its audience would get it, and who could not."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import settings
from dashboard.access import Permission
from dashboard.components import tables
from dashboard.components.deliveries.said import filler
from dashboard.components.templates import preview
from dashboard.components.templates.preview import Head
from dashboard.data import DatabaseError
from dashboard.door import identity
from dashboard.reading import samples as reading
from dashboard.reading.samples import Drawn
from dashboard.showing.safe import plain
from delivery.audiences import AudienceError
from delivery.campaigns.sampling import PEOPLE
from models.records import Campaign

_KEPT = "campaign_samples"


def show(one: Campaign) -> None:
    """Draw what was filled, or the button that fills it."""
    with st.container(border=True, key="card_campaign_samples"):
        st.subheader("Samples", anchor=False)
        if not identity.may(Permission.SEE_CONTENT):
            st.caption("What people get is shown to those with the permission see_content.")
            return
        kept: tuple[str, int, list[Drawn]] = st.session_state.get(_KEPT, ("", 0, []))
        made = kept[2] if kept[:2] == (one.key, one.revision) else []
        st.caption(f"{PEOPLE} people of the audience, always the same ones, and people at the edge")
        if st.button("Fill samples", icon=":material/contract:", key="campaign_fill"):
            made = _filled(one)
            st.session_state[_KEPT] = (one.key, one.revision, made)
        if made:
            _told(made)


def _filled(one: Campaign) -> list[Drawn]:
    try:
        with st.spinner("Filling…"):
            found = list(reading.drawn(reading.of(one), filler()))
    except (AudienceError, DatabaseError) as error:
        st.error(plain(f"Nobody can be drawn from its audience: {error}"))
        return []
    if not found:
        st.caption("None of its steps has a template that is live.")
    return found


def _told(made: Sequence[Drawn]) -> None:
    wrong = [one for one in made if one.problems]
    if wrong:
        st.error(f"{len(wrong)} of {len(made)} cannot be filled: they would fail.")
    else:
        st.markdown(f":material/check: All {len(made)} can be filled.")
    order = [*wrong, *(one for one in made if not one.problems)]
    chosen = tables.choose(_frame(order), _columns(), "campaign_samples_table", "Samples")
    if chosen is not None:
        _one(order[chosen])


def _frame(made: Sequence[Drawn]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "who": [one.sample.who for one in made],
            "step": [one.sample.said_in for one in made],
            "template": [one.sample.version.template for one in made],
            "locale": [one.sample.version.locale for one in made],
            "said": [one.filled.content.subject if one.filled else "" for one in made],
            "wrong": ["; ".join(map(str, one.problems)) for one in made],
        }
    )


def _columns() -> dict[str, object]:
    return {
        "who": st.column_config.TextColumn("Recipient", width="small"),
        "step": st.column_config.TextColumn("Step", width=90),
        "template": st.column_config.TextColumn("Template", width="small"),
        "locale": st.column_config.TextColumn("Language", width=84),
        "said": st.column_config.TextColumn("Subject", width="medium"),
        "wrong": st.column_config.TextColumn("What is wrong", width="medium"),
    }


def _one(made: Drawn) -> None:
    if made.filled is None:
        for problem in made.problems:
            st.markdown(f":red[:material/error:] {plain(str(problem))}")
        return
    content = made.filled.content
    st.markdown(f"**{plain(content.subject)}** for {plain(made.sample.who)}")
    if content.html:
        look = preview.choose("sample")
        head = Head(content.subject, settings.delivery().mail_from, made.filled.preheader)
        preview.show(content.html, head, look, "sample")
    else:
        st.code(content.text or "(no text)", language=None, wrap_lines=True)
