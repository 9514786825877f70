"""Files that mails may carry: put there and removed by people who write campaigns.

They belong to the installation, so whoever writes campaigns of any team adds to them; a file never
changes, and only what nothing names goes.
"""

from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from dashboard.reading.files import MADE_BY_PRODUCTS, using
from delivery.files import made
from models.queries.configuring import files


def add(by: UUID, team: str | None, key: str, name: str, octets: bytes) -> None:
    """Keep a file; the same again changes nothing.

    Raises:
        NotAllowedError: The one who acts may not write campaigns of the team.
        RefusedError: No mail may carry it, or another file has its key.
    """
    with acting(by, Permission.EDIT_CAMPAIGNS, team) as act:
        try:
            file = made(key, name, octets)
        except ValueError as error:
            raise RefusedError(f"{error}.") from None
        if act.tx.run(files.add(file, act.by.email, act.now)):
            act.note("added a file", key, name=name, bytes=file.size)
            return
        found = act.tx.run(files.find(key))
        if found is None or (found.name, found.octets) != (name, octets):
            raise RefusedError(f"Another file has the key {key}: give this one a key of its own.")


def remove(by: UUID, team: str | None, key: str) -> None:
    """Forget a file that nothing names.

    Raises:
        NotAllowedError: The one who acts may not write campaigns of the team.
        RefusedError: A topic or a campaign names it, a product put it there, or it is gone.
    """
    with acting(by, Permission.EDIT_CAMPAIGNS, team) as act:
        found = act.tx.run(files.line(key))
        if found is None:
            raise RefusedError(f"There is no file {key} (any more).")
        if found.added_by.startswith(MADE_BY_PRODUCTS):
            raise RefusedError("A product put it there: its events may still name it.")
        if users := using(act.tx).get(key):
            raise RefusedError(f"{', '.join(users)} names it: change that first.")
        act.tx.run(files.remove(key))
        act.note("removed a file", key, name=found.name)
