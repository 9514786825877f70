"""The labelled steps of a worker, seen from outside: in its statements and on its wire.

Nothing in the product knows of them. A statement is recognised by the very query that makes it, so
a step whose query changes is found all the same, and one that is never reached fails the run.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from models import ids
from models.driver import as_psycopg
from models.queries.planning import events, intake
from models.queries.sending import digested, digests, leases
from models.query import Query
from tests.postgres_judges import Moment, Seen

_NOW, _NOBODY = datetime(2026, 1, 1, tzinfo=UTC), UUID(int=0)

Matches = Callable[[str], bool]


def _made_by(query: Query[object]) -> Matches:
    """Recognises a query's statement as it is on the wire."""
    parts = re.split(r"%\(\w+\)s", as_psycopg(query.statement).decode().replace("%%", "%"))
    pattern = re.compile(r"\$\d+".join(map(re.escape, parts)))
    return lambda text: pattern.fullmatch(text) is not None


_LEASE = _made_by(leases.lease((), _NOBODY, _NOW, _NOW))
_BEGIN = _made_by(leases.begin((), _NOBODY, _NOW))
_COLLECT = _made_by(digested.collect((), _NOW))
_CLOSE = _made_by(digests.close((), _NOW))
_TAKE = _made_by(intake.take_keys((), _NOW))
_COUNT = _made_by(events.count_recipients(ids.event_id(_NOBODY, _NOBODY, _NOW.date()), 0))


def _frozen(text: str) -> bool:
    return text.lstrip().startswith("COPY campaign_members")


def _attempts(text: str) -> bool:
    return text.lstrip().startswith(("COPY attempts", "INSERT INTO attempts"))


@dataclass(frozen=True, slots=True)
class Step:
    """Where a worker can be hit."""

    name: str
    reached: Callable[[Seen], bool] | None = None
    """In its statements; `None`: on its wire."""


def _asked(which: Matches) -> Callable[[Seen], bool]:
    return lambda seen: seen.moment is Moment.ASKED and which(seen.text)


def _commits(which: Matches) -> Callable[[Seen], bool]:
    return lambda seen: (
        seen.moment is Moment.ASKED and seen.text == "COMMIT" and any(map(which, seen.before))
    )


def _committed(which: Matches) -> Callable[[Seen], bool]:
    return lambda seen: (
        seen.moment is Moment.ANSWERED and seen.over and any(map(which, (*seen.before, seen.text)))
    )


UNANSWERED = Step("after the final dot, before its answer")
ANSWERED = Step("after the wire")
STEPS = (
    Step("after claim", _committed(_LEASE)),
    Step("before begin", _asked(_BEGIN)),
    Step("before the wire", _committed(_BEGIN)),
    UNANSWERED,
    ANSWERED,
    Step("before record commits", _commits(_attempts)),
    Step("after record committed", _committed(_attempts)),
    Step("between the outbox's commits", _committed(_TAKE)),
)

DIGESTING = (
    Step("before collecting commits", _commits(_COLLECT)),
    Step("after collecting committed", _committed(_COLLECT)),
    Step("before a digest closes", _asked(_CLOSE)),
    Step("before closing commits", _commits(_CLOSE)),
    Step("after closing committed", _committed(_CLOSE)),
)
"""Where a worker can be hit while it collects news and closes digests."""

CAMPAIGNING = (
    (Step("before freezing commits", _commits(_frozen)),
     Step("after freezing committed", _committed(_frozen))),
    (Step("before planning commits", _commits(_COUNT)),
     Step("after planning committed", _committed(_COUNT))),
    (UNANSWERED, Step("before record commits", _commits(_attempts))),
)  # fmt: skip
"""Where two workers can be hit while they freeze a campaign's audience, plan it, and send it."""
