"""Telling people what was asked of them, and what became of what they asked: by ordinary mail."""

from collections.abc import Mapping, Set as AbstractSet
from typing import Any
from uuid import UUID, uuid5

import structlog

from dashboard.actions import Acting
from delivery.approving.notices import ASKED, DECIDED
from delivery.approving.titles import title
from delivery.notices import Notice, reached
from delivery.registry import all_channels
from models.queries.console import people
from models.queries.planning.notices import Telling, tell
from models.records import Approval, NewApproval
from models.states import ApprovalState

log = structlog.get_logger()


def asked(act: Acting, approval: UUID, new: NewApproval, able: AbstractSet[UUID]) -> None:
    """Tell those who may approve it."""
    what = title(new.ask.kind, new.ask.subject)
    data = {"who": act.by.name, "what": what, "note": new.note, "needed": new.needed}
    _tell(act, ASKED, able, data, uuid5(approval, ASKED.topic))


def decided(act: Acting, approval: Approval, after: ApprovalState, words: str) -> None:
    """Tell whoever asked."""
    what = title(approval.kind, approval.subject)
    data = {"who": act.by.name, "what": what, "outcome": str(after), "words": words}
    told = frozenset({approval.requested_by})
    _tell(act, DECIDED, told, data, uuid5(approval.approval, DECIDED.topic))


def _tell(
    act: Acting, notice: Notice, whom: AbstractSet[UUID], data: Mapping[str, Any], row: UUID
) -> None:
    accepts = {key: channel.accepts for key, channel in all_channels().items()}
    meant = [one for one in act.tx.run(people.all_people()) if one.active and one.person in whom]
    told = reached(meant, accepts)
    if not told:
        log.warning("notice.nobody", topic=notice.topic)
        return
    telling = Telling(row, notice.as_topic(), notice.as_template, told, data)
    act.tx.follow(tell(telling, act.now))
