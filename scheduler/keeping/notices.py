"""Telling operators what the installation did by itself: through its own outbox, as anybody would.

The topic, its template and the operators as recipients are made when there is something to tell,
unless they are there: who changed them keeps what they wrote.
"""

import json
from collections.abc import Sequence
from datetime import datetime

import structlog

from delivery.profiles import read_profile
from delivery.rendering.compile import compile_mjml
from delivery.reputation.scopes import rank
from delivery.reputation.sentences import advice, named
from models.database import Transaction
from models.people import Person, Role
from models.queries.configuring import catalog, templates
from models.queries.console import people
from models.queries.people import recipients
from models.queries.people.staging import in_parameters
from models.queries.planning import emit
from models.records import Class, OutboxRow, Reputation, Step, TemplateVersion, Topic
from scheduler.runtime import Runtime, token

TOPIC = "tidings.reputation"
_TEMPLATE = "tidings-reputation"

_SUBJECT = (
    "Promotional mail is paused: {{ data.trips[0].name }}"
    "{% if data.trips | length > 1 %} and {{ data.trips | length - 1 }} more{% endif %}"
)
_SOURCE = """<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Inter, Helvetica, Arial, sans-serif" />
      <mj-text font-size="15px" line-height="1.6" color="#374151" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#f4f5f9">
    <mj-section background-color="#ffffff" padding="22px 12px">
      <mj-column>
        <mj-text font-size="20px" font-weight="700">Promotional mail is paused</mj-text>
        <mj-text>Transactional and critical mail goes on. What waits is held, not lost.</mj-text>
        {% for trip in data.trips %}
        <mj-text><strong>{{ trip.name }}</strong><br />{{ trip.why }}</mj-text>
        <mj-text>{{ trip.advice }}</mj-text>
        {% endfor %}
        <mj-text>A trial begins by itself at {{ data.until }} (UTC). To see the rates, to let it go
        sooner or to hold it longer: the page Reputation of the console, or tidings
        reputation.</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
_MOST = 20
"""Scopes that one notice tells of; the page shows them all."""

log = structlog.get_logger()


async def tell(
    tx: Transaction, runtime: Runtime, trips: Sequence[Reputation], now: datetime
) -> None:
    """Write one notice of all that tripped at once; it commits with the trips or not at all."""
    if not trips:
        return
    accepts = {key: channel.accepts for key, channel in runtime.channels.items()}
    everybody = await tx.run(people.all_people())
    operators = [one for one in everybody if _runs_things(one) and accepts["email"](one.email)]
    if not operators:
        log.warning("notice.nobody", topic=TOPIC)
        return
    await _have_topic(tx, now)
    profiles = [read_profile(_recipient(one), _profile(one), accepts) for one in operators]
    for statement in recipients.write_profiles(in_parameters(profiles), now):
        await tx.run(statement)
    told = tuple(_recipient(one) for one in operators)
    await tx.run(emit.insert_outbox(_row(told, trips, now)))


def _runs_things(person: Person) -> bool:
    return person.active and not {Role.OPERATOR, Role.ADMIN}.isdisjoint(person.roles)


def _recipient(person: Person) -> str:
    """A person as a recipient: no product's people are called so."""
    return f"tidings:{person.person}"


def _profile(person: Person) -> dict[str, object]:
    address = {"channel": "email", "address": person.email}
    return {"name": person.name, "addresses": [address]}


async def _have_topic(tx: Transaction, now: datetime) -> None:
    if _TEMPLATE not in await tx.run(templates.live()):
        version = TemplateVersion(
            _TEMPLATE, 1, "email", _SUBJECT, _SOURCE, compiled=compile_mjml(_SOURCE)
        )
        title = "Promotional mail is paused"
        await tx.follow(templates.save_version(version, title, "tidings", now))
    if TOPIC not in await tx.run(catalog.topics()):
        topic = Topic(
            TOPIC, "Promotional mail is paused", "tidings", Class.CRITICAL,
            (Step("email", "email", _TEMPLATE),), mandatory=True,
        )  # fmt: skip
        for statement in catalog.save_topic(topic, now):
            await tx.run(statement)


def _row(told: tuple[str, ...], trips: Sequence[Reputation], now: datetime) -> OutboxRow:
    trips = sorted(trips, key=lambda one: rank(one.scope))
    data = {
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
    return OutboxRow(
        id=token(), topic=TOPIC, recipients=told, audience=None, data=json.dumps(data),
        dedup_key=None, actor=None, thread=None, priority=None, not_before=None, expires_at=None,
        tags=None, locale=None, tenant=None, traceparent=None, test=False, created_at=now,
    )  # fmt: skip
