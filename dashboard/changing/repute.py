"""How we fare with receivers: what the page reads, and what people do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from dashboard.data import database, topics
from delivery.reputation.scopes import expect, rank, read_scope
from delivery.reputation.trust import held, lifted
from models.queries.configuring import traffic
from models.queries.keeping import reputations
from models.records import STOPPED, Counts, Reputation, Trust

_COURSE = timedelta(hours=24)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReputationReport:
    """The scopes and the warm-up of new domains.

    Attributes:
        course: Scope to what was counted in each hour of the last day.
        used: What new domains have used of today.
    """

    at: datetime
    scopes: tuple[Reputation, ...]
    course: Mapping[str, Mapping[datetime, Counts]]
    warm_ups: Mapping[str, date]
    used: Mapping[str, int]

    @property
    def paused(self) -> list[Reputation]:
        """Where promotional mail does not go as it likes, the widest first."""
        found = [one for one in self.scopes if one.trust in {*STOPPED, Trust.PROBATION}]
        return sorted(found, key=lambda one: rank(one.scope))

    def hourly(self, scope: str) -> list[float]:
        """The share that came back for good in each of the last 24 hours."""
        counted = self.course.get(scope, {})
        now = self.at.replace(minute=0, second=0, microsecond=0)
        hours = [now - number * _HOUR for number in reversed(range(24))]
        return [_share(counted.get(hour, Counts())) for hour in hours]


def _share(counts: Counts) -> float:
    hits = counts.dead + counts.unclear
    return hits / max(counts.sent, hits, 1)


def report() -> ReputationReport:
    """Everything as it stands."""
    at = database().now()
    with database().begin() as tx:
        return ReputationReport(
            at=at,
            scopes=tuple(tx.run(reputations.reputations())),
            course=tx.run(reputations.course(at - _COURSE)),
            warm_ups=tx.run(traffic.warm_ups()),
            used=tx.run(traffic.used_today(at.date())),
        )


def hold(by: UUID, scope: str, reason: str) -> None:
    """Let promotional mail of a scope wait until somebody lets it go.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is no scope or no topic that there is, or no reason is given.
    """
    try:
        expect(scope, topics())
    except ValueError as error:
        raise RefusedError(str(error)) from None
    _change(by, scope, reason, held, "held a reputation")


def lift(by: UUID, scope: str, reason: str) -> None:
    """Let promotional mail of a paused scope go at once.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is not paused (any more), or no reason is given.
    """
    _change(by, scope, reason, lifted, "lifted a reputation's pause")


_Becomes = Callable[[Reputation, str, str, datetime], Reputation]


def _change(by: UUID, name: str, reason: str, becomes: _Becomes, did: str) -> None:
    why = reason.strip()
    if not why:
        raise RefusedError("Give a reason: others will read it.")
    with acting(by, Permission.STOP) as act:
        try:
            scope = str(read_scope(name))
            act.tx.follow(
                reputations.change(
                    scope, lambda one: becomes(one, act.by.email, why, act.now), act.now
                )
            )
        except ValueError as error:
            raise RefusedError(str(error)) from None
        act.note(did, scope, why=why)
