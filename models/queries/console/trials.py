"""How often somebody tried something out lately."""

from datetime import datetime

from models.query import Query, sql


def done_since(actor: str, action: str, since: datetime) -> Query[int]:
    """How often somebody did something since a moment, by the audit."""
    return sql(
        """
        SELECT count(*) FROM audit WHERE at > :since AND actor = :actor AND action = :action
        """,
        lambda result: int(result.scalar_one()),
        actor=actor,
        action=action,
        since=since,
    )
