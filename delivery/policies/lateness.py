"""News that an outage or a backlog made stale is not sent."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from delivery.ports import Draft
from delivery.verdicts import Keep, SkipBecause, Verdict
from models.reasons import Skip
from models.records import Class, Facts

MOST_LATE: Mapping[Class, timedelta | None] = {
    Class.CRITICAL: None,
    Class.TRANSACTIONAL: timedelta(hours=24),
    Class.PROMOTIONAL: timedelta(hours=12),
}
"""How late a message is still worth sending when its topic does not say; none: always."""
SEND = "send"
"""What a topic says whose news is sent however late it is."""


def decide(draft: Draft, facts: Facts, now: datetime) -> Verdict:  # noqa: ARG001
    """Skip what is later than its topic, else its class, allows; count from when it was wanted."""
    topic = draft.topic
    most = topic.max_lateness if topic.max_lateness is not None else MOST_LATE[topic.klass]
    if draft.test or draft.wanted_at is None or most is None or topic.on_late == SEND:
        return Keep()
    late = now - draft.wanted_at
    if late <= most:
        return Keep()
    return SkipBecause(Skip.TOO_LATE, f"{_minutes(late)}>{_minutes(most)}")


def _minutes(time: timedelta) -> int:
    return int(time / timedelta(minutes=1))


def tell(note: str) -> str:
    """How late it was and how late it might be, as a sentence."""
    late, _, most = note.partition(">")
    return f"It was {late} minutes late; {most} are allowed."
