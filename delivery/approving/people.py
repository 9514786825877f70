"""Who may approve what: nobody their own, and how many there are who may."""

from collections.abc import Iterable, Set as AbstractSet
from uuid import UUID

from models.people import Person
from models.records import Approval, Remark


def others(able: Iterable[Person], asker: UUID, edited_by: str | None) -> frozenset[UUID]:
    """Who may approve something: those able to, but for who asks and who edited it last."""
    return frozenset(
        one.person for one in able if one.active and one.person != asker and not _is(one, edited_by)
    )


def _is(person: Person, email: str | None) -> bool:
    return email is not None and person.email.lower() == email.lower()


def is_enough(wanted: int, able: AbstractSet[UUID], gave: AbstractSet[UUID]) -> bool:
    """Whether those who approved are as many as wanted, or all there are."""
    return len(gave) >= min(wanted, len(able | gave))


def objection(person: Person, approval: Approval, said: Iterable[Remark]) -> str | None:
    """Why somebody who may approve may not decide this one; `None`: they may."""
    if person.person == approval.requested_by:
        return "You asked for it: somebody else has to look at it."
    if _is(person, approval.edited_by):
        return "You edited it last: somebody else has to look at it."
    if any(one.person == person.person and one.decision is not None for one in said):
        return "You approved it already: it waits for somebody else."
    return None
