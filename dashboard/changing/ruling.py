"""What the console changes about rules of the whole installation, and about what is held."""

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from dashboard.changing.documents import Kept
from delivery.approving import read_toml as read_thresholds
from delivery.limits.caps import counters
from delivery.rulebook import read, read_toml
from models.ids import BUCKETS
from models.queries.configuring.approvals import THRESHOLDS as THRESHOLD_VERSIONS
from models.queries.configuring.rulebooks import BOOKS, put_in_force
from models.queries.console.held import RELEASABLE, Release, let_go
from models.readings.held import HeldLine
from models.records import ApprovalKind

__all__ = ["RELEASABLE", "RULES", "THRESHOLDS", "NotAllowedError", "RefusedError", "release"]

_BUCKETS_AT_ONCE = 128


def _counters(document: Mapping[str, Any]) -> Collection[str]:
    return counters(read(document).caps)


RULES = Kept(ApprovalKind.RULES, Permission.RULE, BOOKS, read_toml, put_in_force, _counters)
"""Caps and quiet hours."""
THRESHOLDS = Kept(
    ApprovalKind.THRESHOLDS,
    Permission.MANAGE_PEOPLE,
    THRESHOLD_VERSIONS,
    read_thresholds,
    partial(THRESHOLD_VERSIONS.put_in_force, did="published what needs approval"),
)
"""What needs approval."""
publish = RULES.publish


def release(by: UUID, line: HeldLine) -> Iterator[int]:
    """Have the gate look now at what is held, a transaction and an audit entry a few buckets.

    Each delivery is meant once: what is held anew meanwhile stays held.

    Yields:
        How many were let go so far.

    Raises:
        NotAllowedError: The one who acts may not (any more).
        RefusedError: What holds it is not a person's to cut short.
    """
    if line.held_for not in RELEASABLE:
        raise RefusedError("This is let go where it is held: by its rule, its switch or its step.")
    gone = 0
    for start in range(0, BUCKETS, _BUCKETS_AT_ONCE):
        with acting(by, Permission.INTERVENE) as act:
            wanted = Release(line.held_for, line.topic, line.channel, act.by.email, act.now)
            gone += act.tx.follow(let_go(wanted, range(start, start + _BUCKETS_AT_ONCE)))
        yield gone
