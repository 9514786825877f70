"""Who may do what in the console: one table from roles to permissions. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from models.people import Role


class Permission(StrEnum):
    """One thing the console lets some people do."""

    SEE = "see"
    """Numbers, deliveries and events."""
    SEE_TEMPLATES = "see_templates"
    """Templates with a preview."""
    SEE_PERSONAL = "see_personal"
    """Recipients' addresses in full."""
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
    RULE = "rule"
    """Publish caps and quiet hours of the whole installation."""
    SIGN_MAIL = "sign_mail"
    """Add and retire sending domains, rotate their keys, have them checked."""
    EXPORT_PEOPLE = "export_people"
    """Take along everything that is kept about a recipient."""
    ERASE_PEOPLE = "erase_people"
    """Erase recipients for good."""
    MANAGE_PEOPLE = "manage_people"
    """Add people, say what they may, make sign-in links."""


_BASE = frozenset({Permission.SEE, Permission.SEE_TEMPLATES})

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _BASE,
    Role.AUTHOR: _BASE | {Permission.CHANGE_TOPICS, Permission.TRY_TOPICS},
    Role.APPROVER: _BASE,
    Role.OPERATOR: _BASE
    | {Permission.INTERVENE, Permission.STOP, Permission.CHANGE_CONSENT, Permission.RULE}
    | {Permission.SIGN_MAIL},
    Role.ENGINEER: _BASE
    | {Permission.SEE_PERSONAL, Permission.CHANGE_TOPICS, Permission.TRY_TOPICS}
    | {Permission.EXPORT_PEOPLE}
    | {Permission.SIGN_MAIL},
    Role.ADMIN: frozenset(Permission),
}


def permissions(roles: Iterable[str]) -> frozenset[Permission]:
    """What these roles together allow; a role that is not known allows nothing."""
    held = set(roles)
    return frozenset().union(*(GRANTS[role] for role in Role if role in held))
