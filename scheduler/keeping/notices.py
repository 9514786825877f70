"""Telling operators what the installation did by itself."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from delivery.notices import Notice, reached
from delivery.reputation.scopes import rank
from delivery.reputation.sentences import advice, named
from models.database import Transaction
from models.people import Person, Role
from models.queries.console import people
from models.queries.planning import notices
from models.queries.planning.notices import Telling
from models.records import Class, Reputation
from scheduler.runtime import Runtime, token

PAUSED = Notice(
    "tidings.reputation",
    "Promotional mail is paused",
    Class.CRITICAL,
    "Promotional mail is paused: {{ data.trips[0].name }}"
    "{% if data.trips | length > 1 %} and {{ data.trips | length - 1 }} more{% endif %}",
    """
        <mj-text font-size="20px" font-weight="700">Promotional mail is paused</mj-text>
        <mj-text>Transactional and critical mail goes on. What waits is held, not lost.</mj-text>
        {% for trip in data.trips %}
        <mj-text><strong>{{ trip.name }}</strong><br />{{ trip.why }}</mj-text>
        <mj-text>{{ trip.advice }}</mj-text>
        {% endfor %}
        <mj-text>A trial begins by itself at {{ data.until }} (UTC). To see the rates, to let it go
        sooner or to hold it longer: the page Reputation of the console, or tidings
        reputation.</mj-text>
""",
)
_MOST = 20
"""Scopes that one notice tells of; the page shows them all."""

log = structlog.get_logger()


async def tell(
    tx: Transaction, runtime: Runtime, trips: Sequence[Reputation], now: datetime
) -> None:
    """Write one notice of all that tripped at once; it commits with the trips or not at all."""
    if trips:
        await tell_operators(tx, runtime, PAUSED, _data(trips, now), now)


async def tell_operators(
    tx: Transaction, runtime: Runtime, notice: Notice, data: Mapping[str, Any], now: datetime
) -> None:
    """Write a notice to whoever runs things; it commits with what it tells of or not at all."""
    accepts = {key: channel.accepts for key, channel in runtime.channels.items()}
    operators = reached(filter(_runs_things, await tx.run(people.all_people())), accepts)
    if not operators:
        log.warning("notice.nobody", topic=notice.topic)
        return
    telling = Telling(token(), notice.as_topic(), notice.as_template, operators, data)
    await tx.follow(notices.tell(telling, now))


def _runs_things(person: Person) -> bool:
    return person.active and not {Role.OPERATOR, Role.ADMIN}.isdisjoint(person.roles)


def _data(trips: Sequence[Reputation], now: datetime) -> dict[str, Any]:
    trips = sorted(trips, key=lambda one: rank(one.scope))
    return {
        "trips": [
            {
                "scope": one.scope,
                "name": named(one.scope),
                "why": one.why,
                "advice": advice(one.rates),
            }
            for one in trips[:_MOST]
        ],
        "until": f"{min(one.until or now for one in trips):%d %b %Y, %H:%M}",
    }
