"""One topic: its way, its own rules, those of the installation that meet it, and its volume."""

import json

import streamlit as st

from dashboard import page, settings
from dashboard.changing.subjects import TopicReport
from dashboard.components.deliveries import engagement
from dashboard.showing.safe import code, plain
from dashboard.showing.snippets import snippets
from dashboard.showing.words import label, number
from delivery.rulebook import sentence
from delivery.rulebook.bearing import Bearing, bearing, is_partial
from delivery.topics import sentences
from delivery.topics.sentences import waiting, way
from models.records import EVERY, Class, Topic

CLASS_COLOURS = {Class.CRITICAL: "red", Class.TRANSACTIONAL: "blue", Class.PROMOTIONAL: "orange"}
_ICONS = {"in_app": ":material/notifications:", "email": ":material/mail:"}
_BEARINGS = {
    Bearing.HOLDS: ":violet-badge[Holds]",
    Bearing.LIMITS: ":orange-badge[Limits]",
    Bearing.COUNTS: ":gray-badge[Only counts]",
}
_STATES = ("sent", "delivered", "skipped", "in_doubt", "bounced", "failed", "expired", "cancelled")


def show(report: TopicReport) -> None:
    """Draw all of it."""
    topic = report.standing.topic
    left, right = st.columns([1, 1], gap="small")
    with left:
        _way(topic)
        _rules(topic)
        _installation(report)
        _people(report)
    with right:
        _volume(report)
        _snippets(topic)
        _schema(topic)


def badges(topic: Topic) -> str:
    """Class and flags, as chips."""
    chips = [f":{CLASS_COLOURS[topic.klass]}-badge[{label(topic.klass)}]"]
    chips += [":gray-badge[Mandatory]"] if topic.mandatory else []
    chips += [":red-badge[Sensitive]"] if topic.sensitive else []
    return " ".join(chips)


def _way(topic: Topic) -> None:
    with st.container(border=True, key="card_topic_way"):
        st.subheader("How it goes", anchor=False)
        if not topic.steps:
            st.caption("It has no steps: nobody is told.")
        for place, step in enumerate(topic.steps, start=1):
            said = way(step.channel) if place == 1 else waiting(step)
            with st.container(horizontal=True, vertical_alignment="center", key=f"step_{place}"):
                icon = _ICONS.get(step.channel, ":material/send:")
                st.markdown(f"**{place}** {icon} {plain(said[:1].upper() + said[1:])}")
                if step.template:
                    query = {"template": [step.template]}
                    page.link("templates", step.template, query, icon=":material/draft:")
                else:
                    st.caption("No template: it is skipped")


def _rules(topic: Topic) -> None:
    with st.container(border=True, key="card_topic_rules"):
        st.subheader("Its own rules", anchor=False)
        st.markdown("\n".join(f"- {plain(said)}" for said in sentences(topic)[1:]))


def _installation(report: TopicReport) -> None:
    book = report.book
    with st.container(border=True, key="card_topic_installation"):
        st.subheader("Caps and quiet hours that meet it", anchor=False)
        met = [(rule, bearing(rule, report.standing.topic)) for rule in book.rules]
        for rule, does in met:
            if does is not None:
                some = " :gray[of some of it]" if is_partial(rule.picks) else ""
                st.markdown(f"{_BEARINGS[does]}{some} {plain(sentence(rule))} {code(rule.key)}")
        if not any(does for _, does in met):
            st.caption("None: it goes at any hour, in any number.")
        if book.version:
            page.link("rules", f"All rules, version {book.version}", icon=":material/bedtime:")


def _people(report: TopicReport) -> None:
    topic, category = report.standing.topic, report.category
    with st.container(border=True, key="card_topic_people"):
        st.subheader("What people choose", anchor=False)
        named = f"**{plain(category.title)}** " if category else ""
        st.markdown(f"With the category {named}{code(topic.category)}")
        if category and category.description:
            st.caption(plain(category.description))
        defaults = category.defaults if category else {}
        usual = defaults.get(EVERY, True)
        for step in topic.steps:
            on = defaults.get(step.channel, usual)
            word = ":green-badge[On]" if on else ":red-badge[Off]"
            st.markdown(f"{word} {label(step.channel)}, until a person says otherwise")


def _volume(report: TopicReport) -> None:
    states = report.standing.states
    with st.container(border=True, key="card_topic_volume"):
        st.subheader("The last 7 days", anchor=False)
        counted = [state for state in _STATES if states.get(state)]
        if not counted:
            st.caption("Nothing came of it yet. Test events are not counted.")
        with st.container(horizontal=True):
            for state in counted:
                st.metric(label(state), number(states[state]), width="content")
        engagement.figures(report.engagement)
        query = {"topic": [report.standing.topic.key], "since": ["7d"]}
        page.link("deliveries", "Its deliveries", query, icon=":material/arrow_forward:")


def _snippets(topic: Topic) -> None:
    with st.container(border=True, key="card_topic_snippets"):
        st.subheader("Send one", anchor=False)
        found = snippets(topic, settings.delivery().public_url)
        tabs = st.tabs([each.title for each in found], key="topic_snippets")
        for tab, each in zip(tabs, found, strict=True):
            with tab:
                st.code(each.text, language=each.language, wrap_lines=True)


def _schema(topic: Topic) -> None:
    with st.container(border=True, key="card_topic_schema"):
        st.subheader("Data", anchor=False)
        if topic.schema is None:
            st.caption("Any JSON object. A schema would refuse what templates cannot use.")
            return
        st.json(json.loads(topic.schema), expanded=2)
