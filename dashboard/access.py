"""Who may do what in the console: one table from roles to permissions. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from itertools import chain

from models.people import Person, Role


class Permission(StrEnum):
    """One thing the console lets some people do."""

    SEE = "see"
    """Numbers, deliveries, recipients' timelines, and why."""
    SEE_CONTENT = "see_content"
    """What was sent, the data it was made of, and previews with real data."""
    SEE_SETTINGS = "see_settings"
    """Topics, providers, domains, rules and sources as they are set."""
    SEE_TEMPLATES = "see_templates"
    """Templates with a preview."""
    SEE_AUDIENCES = "see_audiences"
    """Audiences, and who is in them."""
    SEE_CAMPAIGNS = "see_campaigns"
    """Campaigns, their calendar and their reports."""
    SEE_PERSONAL = "see_personal"
    """Recipients' addresses in full."""
    SEE_AUDIT = "see_audit"
    """What people did."""
    INTERVENE = "intervene"
    """Say what became of deliveries in doubt; send again what was given up."""
    STOP = "stop"
    """Set and lift kill switches; pause accounts."""
    CHANGE_CONSENT = "change_consent"
    """Choose for recipients; suppress addresses and lift that."""
    CHANGE_TOPICS = "change_topics"
    """Change topics, and make new ones."""
    TRY_TOPICS = "try_topics"
    """Send test events, which reach the allow-list alone."""
    EDIT_TEMPLATES = "edit_templates"
    """Write drafts of templates and their partials."""
    TEST_SEND = "test_send"
    """Send a draft to the allow-list."""
    PUBLISH_TEMPLATES = "publish_templates"
    """Make a version of a template the one that is sent, where the approval it needs is given."""
    EDIT_AUDIENCES = "edit_audiences"
    """Change audiences, and make new ones."""
    EDIT_CAMPAIGNS = "edit_campaigns"
    """Write campaigns."""
    LAUNCH_CAMPAIGNS = "launch_campaigns"
    """Launch campaigns, where the approval they need is given."""
    STOP_CAMPAIGNS = "stop_campaigns"
    """Pause, resume and cancel campaigns."""
    APPROVE = "approve"
    """Approve what others ask for, or return it."""
    RULE = "rule"
    """Publish caps and quiet hours of the whole installation."""
    SIGN_MAIL = "sign_mail"
    """Add and retire sending domains, rotate their keys, have them checked."""
    MANAGE_KEYS = "manage_keys"
    """Make, rotate and revoke API keys."""
    EXPORT_PEOPLE = "export_people"
    """Take along everything that is kept about a recipient."""
    ERASE_PEOPLE = "erase_people"
    """Erase recipients for good."""
    MANAGE_PEOPLE = "manage_people"
    """Add people, say what they may, make sign-in links; in a team: say who is in it."""


P = Permission
SEEING = frozenset({
    P.SEE, P.SEE_CONTENT, P.SEE_SETTINGS, P.SEE_TEMPLATES, P.SEE_AUDIENCES, P.SEE_CAMPAIGNS,
})  # fmt: skip
"""What a role in any team lets somebody see everywhere: teams bound what is done, not seen."""
_WRITE = frozenset({
    P.CHANGE_TOPICS, P.TRY_TOPICS, P.EDIT_TEMPLATES, P.TEST_SEND, P.PUBLISH_TEMPLATES,
})  # fmt: skip
_CAMPAIGN = frozenset({
    P.EDIT_AUDIENCES, P.EDIT_CAMPAIGNS, P.LAUNCH_CAMPAIGNS, P.STOP_CAMPAIGNS,
})  # fmt: skip

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: SEEING,
    Role.AUTHOR: SEEING | _WRITE | _CAMPAIGN,
    Role.APPROVER: SEEING | {P.APPROVE, P.SEE_AUDIT},
    Role.OPERATOR: SEEING
    | {P.INTERVENE, P.STOP, P.CHANGE_CONSENT, P.RULE, P.SIGN_MAIL}
    | {P.STOP_CAMPAIGNS, P.SEE_AUDIT},
    Role.ENGINEER: SEEING
    | _WRITE
    | {P.SEE_PERSONAL, P.EXPORT_PEOPLE, P.SIGN_MAIL, P.MANAGE_KEYS, P.SEE_AUDIT},
    Role.SUPPORT: frozenset({P.SEE}),
    Role.ADMIN: frozenset(Permission),
}

IN_TEAMS = SEEING | _WRITE | _CAMPAIGN | {P.APPROVE, P.MANAGE_PEOPLE}
"""What a role in a team allows; everything else takes a role that is given everywhere."""


def permissions(roles: Iterable[str]) -> frozenset[Permission]:
    """What these roles together allow everywhere; one that is not known allows nothing."""
    held = set(roles)
    return frozenset().union(*(GRANTS[role] for role in Role if role in held))


def within(person: Person, team: str | None) -> frozenset[Permission]:
    """What somebody may do with what a team owns; `None`: with what the installation owns."""
    there = person.teams.get(team, frozenset()) if team is not None else frozenset()
    seen = permissions(chain.from_iterable(person.teams.values())) & SEEING
    return permissions(person.roles) | (permissions(there) & IN_TEAMS) | seen


def somewhere(person: Person) -> frozenset[Permission]:
    """What somebody may do in one team at least: which pages they have."""
    return frozenset().union(*(within(person, team) for team in (None, *person.teams)))
