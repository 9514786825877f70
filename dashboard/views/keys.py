"""API keys: what products come in with, what each may do, and when it was last used."""

from datetime import datetime

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.changing import keys
from dashboard.changing.keys import ApiKey
from dashboard.components import done, sheet
from dashboard.components.people import keydialogs
from dashboard.page import Page
from dashboard.showing.safe import code, plain
from dashboard.showing.words import duration, moment


def render() -> None:
    """Draw the page."""
    with page.header("API keys", "What products come in with, and what each may do"):
        sheet.take("keys", {}, "API keys, without what they open")
        if st.button("Make a key", type="primary", icon=":material/add:", shortcut="n"):
            st.dialog("Make a key", width="medium", on_dismiss="rerun")(keydialogs.make)()
    done.told()
    found, now = keys.listed(), data.now()
    if not found:
        page.empty("No keys yet", "A product posts events with one.", "tidings keys create shop")
    for key in sorted(found, key=lambda one: not one.is_live(now)):
        _card(key, now)
    if found:
        st.caption(f"Times in {page.zone()}")


def _card(key: ApiKey, now: datetime) -> None:
    with st.container(
        border=True, key=f"card_{key.key_id}", horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap="xxsmall"):
            scopes = " ".join(f":gray-badge[{plain(scope)}]" for scope in sorted(key.scopes))
            st.markdown(f"**{plain(key.name)}** {code(f'{key.prefix}…')} {_state(key, now)}")
            st.markdown(scopes)
            st.caption(" · ".join(_facts(key, now)))
        with st.container(horizontal=True, horizontal_alignment="right", width="content"):
            if key.is_live(now):
                _buttons(key)


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return ":red-badge[Revoked]"
    if not key.is_live(now):
        return ":orange-badge[Expired]"
    return ":green-badge[Live]"


def _facts(key: ApiKey, now: datetime) -> list[str]:
    made = f"made {moment(key.created_at, page.zone())}"
    by = f" by {code(key.created_by)}" if key.created_by else ""
    used = f"used {duration(now - key.last_used_at)} ago" if key.last_used_at else "never used"
    ends = [f"ends {moment(key.expires_at, page.zone())}"] if key.expires_at else []
    return [plain(f"source {key.source_name}"), plain(made) + by, plain(used), *map(plain, ends)]


def _buttons(key: ApiKey) -> None:
    if st.button("Rotate", key=f"rotate_{key.key_id}", icon=":material/autorenew:"):
        opened = st.dialog(f"Rotate {plain(key.name)}", on_dismiss="rerun")
        opened(keydialogs.rotate)(key)
    if st.button("Revoke", key=f"revoke_{key.key_id}", icon=":material/block:"):
        st.dialog(f"Revoke {plain(key.name)}?")(keydialogs.revoke)(key)


PAGE = Page(
    key="keys",
    title="API keys",
    icon=":material/vpn_key:",
    section="Integrate",
    needs=Permission.MANAGE_KEYS,
    summary="What products come in with, what each may do, and when it was last used.",
    render=render,
)
