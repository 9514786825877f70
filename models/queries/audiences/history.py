"""What happened between us and a recipient `r`, as SQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from models.records import By
from models.records.conditions import Did, Happened
from models.states import DeliveryState

PEOPLE = (By.PERSON, By.PROXY)
"""Who opens and follows links as a person does."""

Say = Callable[[Any, str], str]
"""Takes a value and its type; gives the parameter that stands for it."""

_DELIVERIES = """
    SELECT d.bucket, d.recipient_id FROM deliveries d
     WHERE d.bucket = ANY(:slice) AND NOT d.test"""
_NOTICED = """
    SELECT d.bucket, d.recipient_id FROM feedback f
      JOIN deliveries d ON d.bucket = f.bucket AND d.day = f.day
       AND d.delivery_id = f.delivery_id
     WHERE f.bucket = ANY(:slice) AND d.bucket = ANY(:slice) AND NOT d.test"""


def happened(test: Happened, say: Say, now: datetime) -> str:
    """That something happened so many times."""
    since = None if test.within is None else now - test.within
    topic = "" if test.topic is None else f" AND d.topic = {say(test.topic, 'text')}"
    if test.did is Did.EVENT:
        return _times(test, "d.event_id", f"{_DELIVERIES}{topic}{_told(say, since)}")
    if test.did in {Did.OPENED, Did.CLICKED}:
        return _times(test, "d.delivery_id", f"{_NOTICED}{topic}{_by_a_person(test, say, since)}")
    return _times(test, "d.delivery_id", f"{_DELIVERIES}{topic}{_reached(test, say, since)}")


def _told(say: Say, since: datetime | None) -> str:
    """Events since then; a delivery is of the day on which its event was planned: after that."""
    if since is None:
        return " AND NOT d.digest"
    first = (since.astimezone(UTC) - timedelta(days=1)).date()
    return (
        f" AND NOT d.digest AND d.day >= {say(first, 'date')}"
        f" AND d.created_at >= {say(since, 'timestamptz')}"
    )


def _reached(test: Happened, say: Say, since: datetime | None) -> str:
    """Messages that were handed over, or arrived, since then."""
    states = {DeliveryState.DELIVERED}
    if test.did is Did.SENT:
        states.add(DeliveryState.SENT)
    late = "" if since is None else f" AND d.sent_at >= {say(since, 'timestamptz')}"
    return f" AND d.state = ANY({say(sorted(states), 'text[]')}){late}"


def _by_a_person(test: Happened, say: Say, since: datetime | None) -> str:
    """Opens or clicks since then."""
    by = say(sorted(PEOPLE), "text[]")
    late = "" if since is None else f" AND f.occurred_at >= {say(since, 'timestamptz')}"
    return f" AND f.kind = {say(str(test.did), 'text')} AND f.detail ->> 'by' = ANY({by}){late}"


def _times(test: Happened, counted: str, found: str) -> str:
    """So many of what was found; who has none is not among it."""
    grouped = f"{found} GROUP BY d.bucket, d.recipient_id HAVING count(DISTINCT {counted})"
    if not test.at_least:
        return f"(r.bucket, r.recipient_id) NOT IN ({grouped} > {test.at_most or 0:d})"
    if test.at_most is not None:
        between = f"BETWEEN {test.at_least:d} AND {test.at_most:d}"
        return f"(r.bucket, r.recipient_id) IN ({grouped} {between})"
    if test.at_least == 1:
        return f"(r.bucket, r.recipient_id) IN ({found})"
    return f"(r.bucket, r.recipient_id) IN ({grouped} >= {test.at_least:d})"
