"""Topics: what people are told about, the way each goes, and a place to change and try them."""

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import subjects
from dashboard.changing.subjects import Standing, TopicReport
from dashboard.changing.teams import Owned
from dashboard.components import done, tables
from dashboard.components.people import ownership
from dashboard.components.topics import form, topic, tryout
from dashboard.door import identity
from dashboard.page import Page
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from delivery.topics import chain

_OPEN = "topic"
_TABLE = "topics_table"


def render() -> None:
    """Draw the list, or the topic that the URL names."""
    key = st.query_params.get(_OPEN)
    if key is None:
        _list()
        return
    report = subjects.report(key)
    if report is None:
        page.header("Topics", "What people are told about")
        st.error(f"There is no topic {plain(key)}.")
        page.link("topics", "All topics", icon=":material/arrow_back:")
        return
    _one(report)


def _one(report: TopicReport) -> None:
    shown = report.standing.topic
    may = identity.may(Permission.CHANGE_TOPICS, report.team)
    with page.header(shown.title, shown.key):
        page.link("topics", "All topics", icon=":material/arrow_back:")
        if may and not form.is_open(shown.key) and st.button("Edit", icon=":material/edit:"):
            form.open_on(shown)
    done.told()
    if may and form.is_open(shown.key):
        form.edit()
        return
    st.markdown(topic.badges(shown))
    ownership.show(Owned.TOPIC, shown.key, report.team)
    topic.show(report)
    if identity.may(Permission.TRY_TOPICS, report.team):
        tryout.show(shown)


def _list() -> None:
    found = subjects.standings()
    may = identity.may_somewhere(Permission.CHANGE_TOPICS)
    with page.header("Topics", f"{len(found)} in all: what people are told about, and how"):
        if may and not form.is_open(None) and st.button("New topic", icon=":material/add:"):
            form.open_on(None)
    done.told()
    if may and form.is_open(None):
        form.edit()
        return
    if not found:
        page.empty("No topics yet", "Make one here, or apply a file:", "tidings topics apply FILE")
        return
    tables.opening(_frame(found), _columns(), _TABLE, "Topics by key", _OPEN)
    st.caption("Click a row to open it. Volumes are of the last 7 days, without test events.")


def _frame(found: list[Standing]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "title": [each.topic.title for each in found],
            "topic": [each.topic.key for each in found],
            "team": [each.team for each in found],
            "class": [[label(each.topic.klass)] for each in found],
            "category": [each.topic.category for each in found],
            "goes": [chain(each.topic) for each in found],
            "sent": [each.sent for each in found],
            "unsent": [each.unsent for each in found],
        },
        index=[each.topic.key for each in found],
    )


def _columns() -> dict[str, object]:
    colours = topic.CLASS_COLOURS
    return {
        "title": st.column_config.TextColumn("Title", width="medium"),
        "topic": st.column_config.TextColumn("Key", width="small"),
        "team": st.column_config.TextColumn("Team", width="small"),
        "class": st.column_config.MultiselectColumn(
            "Class", options=[label(each) for each in colours], color=list(colours.values()),
            width=110,
        ),
        "category": st.column_config.TextColumn("Category", width="small"),
        "goes": st.column_config.TextColumn("Goes", width="large"),
        "sent": st.column_config.NumberColumn("Sent", width=72),
        "unsent": st.column_config.NumberColumn("Not sent", width=76),
    }  # fmt: skip


PAGE = Page(
    key="topics",
    title="Topics",
    icon=":material/topic:",
    section="Author",
    needs=Permission.SEE_SETTINGS,
    summary="What people are told about, the way each goes, and a place to change and try them.",
    render=render,
)
