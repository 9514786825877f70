"""People of the console and API keys as tables to take along. Pure."""

from collections.abc import Iterable, Sequence

from dashboard.changing.keys import ApiKey
from dashboard.showing.table import Table
from models.people import Person


def people(found: Sequence[Person]) -> Table:
    """A line a person; roles in teams as `growth: approver author; sales: viewer`."""
    columns = ("Name", "E-mail address", "Roles", "In teams", "Has access", "Added", "Came first")
    rows = [
        (one.name, one.email, _together(one.roles), _teams(one), one.active, one.created_at,
         one.joined_at)
        for one in found
    ]  # fmt: skip
    return Table("people", "People", columns, rows)


def _teams(person: Person) -> str:
    return "; ".join(f"{team}: {_together(held)}" for team, held in sorted(person.teams.items()))


def _together(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def keys(found: Sequence[ApiKey]) -> Table:
    """A line a key: what it starts with tells keys apart, and opens nothing."""
    columns = ("Name", "Starts with", "Source", "Scopes", "Made", "By", "Last used", "Ends",
               "Revoked")  # fmt: skip
    rows = [
        (one.name, one.prefix, one.source_name, _together(one.scopes), one.created_at,
         one.created_by, one.last_used_at, one.expires_at, one.revoked_at)
        for one in found
    ]  # fmt: skip
    return Table("keys", "API keys", columns, rows)
