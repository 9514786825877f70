"""What the console changes of people's wishes: their choices, and addresses nothing is sent to.

As in `actions`: who acts is looked up again in the transaction that acts, which also writes the
audit entry. What must follow a commit has a transaction of its own; doing it twice does no harm.
"""

from datetime import datetime
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from dashboard.data import database
from dashboard.settings import pseudonyms
from delivery.consent.choices import Known, as_mute, fault_in, snooze
from delivery.registry import all_channels
from models.queries.console import consents
from models.queries.folding import suppressions
from models.queries.people import preferences
from models.records import EVERY, Author, Choice, Place, Suppression, Via

__all__ = ["NotAllowedError", "RefusedError"]


def choose(by: UUID, choice: Choice) -> None:
    """Write a choice for a recipient, or take theirs back.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is nothing of that kind to choose, or it is like that already.
    """
    with acting(by, Permission.CHANGE_CONSENT) as act:
        known = Known(act.tx.run(consents.known_categories()), all_channels())
        if fault := fault_in(choice, known):
            raise RefusedError(fault.message)
        author = Author(act.by.email, Via.CONSOLE)
        if not act.tx.follow(preferences.wish([as_mute(choice)], author, act.now, pseudonyms())):
            raise RefusedError("It is like that already.")
        place = f"{choice.category} on {choice.channel}"
        ends = choice.until and choice.until.isoformat()
        act.note(
            "changed a preference", choice.recipient_id, place=place, allowed=choice.allowed,
            until=ends,
        )  # fmt: skip
    if choice.category == EVERY:
        with database().begin() as tx:
            tx.run(preferences.wake_snoozed(choice.recipient_id, act.now))


def leave_alone(by: UUID, recipient: str, until: datetime | None) -> None:
    """Hold what interrupts a recipient until a moment; `None` ends that.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: The moment is none to snooze until, or it is like that already.
    """
    try:
        choice = snooze(recipient, until, database().now())
    except ValueError as error:
        raise RefusedError(str(error)) from None
    choose(by, choice)


def suppress(by: UUID, place: Place, reason: str, until: datetime | None) -> None:
    """Send nothing to an address any more.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: No reason is given, or it is suppressed for as long already.
    """
    if not reason.strip():
        raise RefusedError("Give a reason: others will read it.")
    with acting(by, Permission.CHANGE_CONSENT) as act:
        email, why = act.by.email, reason.strip()
        said = Suppression(place.channel, place.address, why, email, until, place.category)
        if not act.tx.follow(suppressions.suppress(said, act.now)):
            raise RefusedError("It is suppressed for as long already.")
        ends = until and until.isoformat()
        act.note("suppressed an address", place.address, scope=place.mark, why=why, until=ends)
    for statement in suppressions.copies(said):
        with database().begin() as tx:
            tx.run(statement)


def lift(by: UUID, place: Place, reason: str) -> None:
    """Send to an address again; what was skipped meanwhile is not sent by that.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: No reason is given, or somebody lifted it before.
    """
    if not reason.strip():
        raise RefusedError("Give a reason: others will read it.")
    with acting(by, Permission.CHANGE_CONSENT) as act:
        why = reason.strip()
        if not act.tx.follow(
            suppressions.lift(
                place, act.by.email, why, act.now, known_as=pseudonyms().address(place.address)
            )
        ):
            raise RefusedError("Somebody was faster: it is lifted already.")
        act.note("lifted a suppression", place.address, scope=place.mark, why=why)
    with database().begin() as tx:
        tx.run(suppressions.clear_copies(place))
