"""What Streamlit runs at every interaction: who it is, their pages, the page they are on."""

from typing import Literal

import streamlit as st

from dashboard import access, page, settings
from dashboard.components import semantics
from dashboard.door import csrf, identity, pages
from dashboard.files import HERE
from dashboard.page import Page
from dashboard.showing.safe import plain
from dashboard.showing.words import label
from dashboard.views import (
    approvals,
    audiences,
    audit,
    calendar,
    campaigns,
    dead_letters,
    deliveries,
    domains,
    doubt,
    feedback,
    held,
    keys,
    outbox,
    overview,
    people,
    providers,
    recipient,
    reputation,
    rules,
    suppressions,
    templates,
    topics,
)
from delivery.settings import Environment
from models.people import Person

# In the order of the navigation; the first one is where one arrives.
PAGES: tuple[Page, ...] = (
    overview.PAGE,
    deliveries.PAGE,
    held.PAGE,
    doubt.PAGE,
    dead_letters.PAGE,
    feedback.PAGE,
    suppressions.PAGE,
    providers.PAGE,
    reputation.PAGE,
    domains.PAGE,
    recipient.PAGE,
    approvals.PAGE,
    rules.PAGE,
    topics.PAGE,
    campaigns.PAGE,
    calendar.PAGE,
    audiences.PAGE,
    templates.PAGE,
    outbox.PAGE,
    keys.PAGE,
    people.PAGE,
    audit.PAGE,
)

COLOURS: dict[Environment, Literal["blue", "orange", "red"]] = {
    Environment.DEV: "blue",
    Environment.STAGING: "orange",
    Environment.PRODUCTION: "red",
}


def main() -> None:
    """One run of the console."""
    st.set_page_config(
        page_title="Tidings", page_icon=str(HERE / "static" / "favicon.svg"), layout="wide"
    )
    page.bookmark()
    st.html(HERE / "console.css")
    st.logo(HERE / "static" / "logo.svg", size="large")
    person = identity.current()
    pages = _pages(person)
    if not pages:
        st.error("You have no role yet: an admin of Tidings gives you one on the page People.")
        st.stop()
    current = st.navigation(pages, position="sidebar", expanded=True)
    with st.sidebar:
        _badge()
        _card(person)
    current.run()
    semantics.mend()


def _pages(person: Person) -> dict[str, list[st.Page]]:
    allowed = access.somewhere(person)
    known = {
        each.key: st.Page(
            each.render,
            title=each.title,
            icon=each.icon,
            url_path=each.key,
            default=each is PAGES[0],
            help=each.summary,
        )
        for each in PAGES
        if each.needs in allowed
    }
    page.remember(known)
    sections: dict[str, list[st.Page]] = {}
    for each in PAGES:
        if each.key in known:
            sections.setdefault(each.section, []).append(known[each.key])
    return sections


def _badge() -> None:
    environment = settings.delivery().environment
    with st.container(key=f"environment_{environment}", horizontal=True):
        st.badge(environment, color=COLOURS[environment], help="The environment this console is of")


def _card(person: Person) -> None:
    roles = ", ".join(plain(label(role)) for role in sorted(person.roles)) or "No role"
    with st.container(key="person_card", horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            st.markdown(f"**{plain(person.name)}**  \n:small[:gray[{roles}]]")
        st.html(
            '<a href="/account" target="_self" class="account">Account</a>'
            f'<form method="post" action="/logout">{_token()}'
            '<button type="submit" class="sign-out">Sign out</button></form>',
            width="content",
        )


def _token() -> str:
    bound = identity.session().hex()
    return pages.hidden(csrf.FIELD, csrf.token(settings.secret(), bound))


main()
