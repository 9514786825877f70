"""Upkeep ends what was approved and not used in time, once."""

from datetime import timedelta

from delivery.approving import fingerprint
from models.queries.configuring import approvals
from models.records import ApprovalKind, Ask, NewApproval
from models.states import ApprovalState
from scheduler.keeping.approvals import expire
from tests.pipeline import Pipeline

HOUR = timedelta(hours=1)


async def test_what_was_approved_too_long_ago_ends_once_and_the_audit_says_so(pipeline: Pipeline):
    database = pipeline.runtime.database
    now = await database.tell_time()
    with pipeline.make() as make:
        ada = make.person("ada@example.com", "author")
    for subject, lasts in (("old", -HOUR), ("new", HOUR)):
        ask = Ask(ApprovalKind.TEMPLATE, subject, {})
        await database.run(approvals.insert(NewApproval(ask, fingerprint(ask), 1, "", ada, now)))
        asked = await database.run(approvals.live(ask.kind, subject))
        assert asked is not None
        await database.run(approvals.move(asked, ApprovalState.APPROVED, now, now + lasts))
    assert [await expire(pipeline.runtime) for _ in range(2)] == [1, 0]
    stand = pipeline.rows("SELECT subject, state, settled_at = expires_at FROM approvals")
    assert sorted(stand) == [("new", "approved", False), ("old", "expired", True)]
    told = pipeline.rows("SELECT actor, action, subject FROM audit WHERE actor = 'tidings'")
    assert told == [("tidings", "an approval expired", "template old")]
