"""What was approved and not used in time comes to its end, in the audit as well."""

from models.people import AuditEntry
from models.queries.configuring import approvals
from models.queries.console import people
from scheduler.runtime import Runtime


async def expire(runtime: Runtime) -> int:
    """End what was approved too long ago."""
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        ended = await tx.run(approvals.expire(now))
        for one in ended:
            subject, detail = f"{one.kind} {one.subject}", {"approval": str(one.approval)}
            entry = AuditEntry(now, "tidings", "an approval expired", subject, detail)
            await tx.run(people.write_audit(entry))
    return len(ended)
