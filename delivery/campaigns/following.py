"""Runs that follow another one: whom they are for, and what they say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.records import Run, RunKind, RunState
from models.states import DeliveryState as D

KINDS = frozenset({RunKind.EXTEND, RunKind.RETRY, RunKind.CORRECTION, RunKind.RESEND})
"""What follows a run, and names it."""
_FIRST = frozenset({RunKind.LAUNCH, RunKind.OCCASION})
_GOT = frozenset({D.SENT, D.DELIVERED})
_MAY_HAVE = _GOT | {D.IN_DOUBT, D.DIGESTED, D.COLLECTED, D.SCHEDULED, D.SENDING}


@dataclass(frozen=True, slots=True)
class Came:
    """What came of one delivery.

    Attributes:
        noticed: It was seen, read, opened or followed by a person.
    """

    state: str
    noticed: bool = False


def wanted(kind: RunKind, came: Sequence[Came]) -> bool:
    """Whether a run of this kind is for somebody whose deliveries came to this.

    Who may have got it over any channel, or still gets it, is never sent a retry.
    """
    states = {one.state for one in came}
    match kind:
        case RunKind.RETRY:
            return bool(states & {D.FAILED, D.EXPIRED}) and not states & _MAY_HAVE
        case RunKind.CORRECTION:
            return bool(states & (_GOT | {D.IN_DOUBT, D.DIGESTED}))
        case RunKind.RESEND:
            return bool(states & _GOT) and not any(one.noticed for one in came)
        case _:
            return True


def family(run: Run, known: Sequence[Run]) -> list[Run]:
    """The run that one follows, and those that extended it before."""
    return [
        one
        for one in known
        if one.state is not RunState.UNDONE
        and (one.number == run.parent or (one.parent == run.parent and one.number < run.number))
        and (one.number == run.parent or one.kind is RunKind.EXTEND)
    ]


def parent_of(kind: RunKind, known: Sequence[Run], named: int | None) -> Run:
    """The run that a new one follows: the one that is named, else the last first one.

    Raises:
        ValueError: There is none, or it has not gone out.
    """
    gone = {RunState.PLANNED, RunState.DONE} | (
        {RunState.GOING} if kind is RunKind.EXTEND else set()
    )
    found = [
        run
        for run in known
        if run.kind in _FIRST and run.state in gone and named in {None, run.number}
    ]
    if not found:
        said = f"run {named}" if named else "no run"
        raise ValueError(f"{said} of it has gone out: wait for it, and see its runs by `show`")
    return found[-1]


def document_of(kind: RunKind, parent: Mapping[str, Any]) -> dict[str, Any]:
    """What a run says that follows one with this document.

    It goes at once, at the pace it had. Who is new gets all steps; the others get the first one.
    """
    schedule = {
        name: value
        for name, value in parent.get("schedule", {}).items()
        if name in {"over", "per_minute"}
    }
    kept = {name: value for name, value in parent.items() if name not in {"schedule", "winner"}}
    if kind is not RunKind.EXTEND and "steps" in kept:
        kept["steps"] = [{**kept["steps"][0], "after": "0 seconds"}]
    return kept | ({"schedule": schedule} if schedule else {})
