"""What an admin does about a person: each in a dialog that says what will be true after."""

from collections.abc import Callable

import streamlit as st

from dashboard import actions
from dashboard.changing import inviting, sessions, teams
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import people
from dashboard.showing.safe import plain
from models.people import Person, Role, Team

_SIGN_IN = "Works once, within the hour. Whoever has it comes in as them."
_INVITATION = (
    "Send them this link: it is shown this once, and works once, within a week. Whoever has it"
    " comes in as them."
)


def add() -> None:
    """Ask who is to be invited, and show their link."""
    with st.form("add_person", border=False):
        name = st.text_input("Name", key="new_name", required=True, max_chars=80)
        email = st.text_input("E-mail address", key="new_email", required=True, max_chars=200)
        roles = _roles("new", [Role.VIEWER])
        asked = st.form_submit_button("Invite", type="primary", shortcut="Mod+Enter")
    if asked:
        who = identity.current().person
        _show_link(lambda: inviting.invite(who, email, name, roles), _INVITATION)


def invite_again(person: Person) -> None:
    """Show a new link for somebody who has not come yet."""
    who = identity.current().person
    _show_link(lambda: inviting.invite_again(who, person.email), _INVITATION)


def change(person: Person) -> None:
    """Ask for a person's roles."""
    roles = _roles(str(person.person), [role for role in Role if role in person.roles])
    if st.button("Save", type="primary", key="save_roles", shortcut="Mod+Enter"):
        who = identity.current().person
        attempt(lambda: actions.set_roles(who, person, roles), f"{person.name} has new roles")


def close(person: Person) -> None:
    """Ask whether a person's access is to be closed."""
    st.markdown(
        f"**{plain(person.name)}** cannot open anything more, and links made for them stop working."
        " What they did stays in the audit; access can be opened again."
    )
    if st.button("Close access", type="primary", key="close_access"):
        who = identity.current().person
        done = f"{person.name} has no access any more"
        attempt(lambda: actions.set_active(who, person, active=False), done)


def reopen(person: Person) -> None:
    """Open a person's access again."""
    who = identity.current().person
    done = f"{person.name} may come in again"
    attempt(lambda: actions.set_active(who, person, active=True), done)


def sign_out(person: Person) -> None:
    """Ask whether somebody is to be signed out everywhere, or may try their password again."""
    who = identity.current().person
    st.markdown(f"Wherever **{plain(person.name)}** is signed in, they are out within seconds.")
    if st.button("Sign out everywhere", type="primary", key="sign_out"):
        done = f"{person.name} is signed out everywhere"
        attempt(lambda: sessions.sign_out_everywhere(who, person), done)
    st.markdown("After many failed tries a password waits for a while, longer each time.")
    if st.button("Let them try again now", key="unlock"):
        attempt(lambda: sessions.unlock(who, person), f"{person.name} may try again")


def link(person: Person) -> None:
    """Show a new sign-in link."""
    who = identity.current().person
    _show_link(lambda: actions.make_link(who, person), _SIGN_IN)


def change_in_team(team: Team) -> None:
    """Ask who is to have which roles in a team."""
    known = {person.person: person for person in people.all_people() if person.active}
    chosen = st.selectbox(
        "Person", list(known), format_func=lambda one: known[one].name, key="member", index=None
    )
    if chosen is None:
        st.caption("What they may everywhere, they may in the team as well.")
        return
    held = known[chosen].teams.get(team.team, frozenset())
    roles = _roles(f"{team.team}_{chosen}", [role for role in Role if role in held])
    if st.button("Save", type="primary", key="save_member", shortcut="Mod+Enter"):
        who, name = identity.current().person, known[chosen].name
        done = f"{name} is in {team.title}" if roles else f"{name} is not in {team.title} any more"
        attempt(lambda: teams.set_roles(who, chosen, team.team, roles), done)


def _show_link(make: Callable[[], str], says: str) -> None:
    try:
        token = make()
    except (actions.RefusedError, actions.NotAllowedError) as error:
        st.error(plain(str(error)))
        return
    st.markdown(says)
    st.code(f"{_origin()}/login?token={token}", language=None, wrap_lines=True)


def _roles(key: str, chosen: list[Role]) -> list[Role]:
    names = st.pills(
        "Roles",
        [role.value for role in Role],
        selection_mode="multi",
        default=[role.value for role in chosen],
        format_func=str.capitalize,
        key=f"roles_{key}",
    )
    st.caption("  \n".join(f"**{role.capitalize()}** {role.sentence}" for role in Role))
    return [role for role in Role if role in names]


def _origin() -> str:
    scheme, _, rest = str(st.context.url or "http://localhost").partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
