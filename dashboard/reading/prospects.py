"""What would happen to somebody now: read without locks, decided by the gate, nothing written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboard import settings
from dashboard.data import database
from delivery.outlook import Prospect, due, foresee, supposed
from delivery.ports import Rules
from delivery.publishing.examples import examples_of
from delivery.reach import rules_of
from delivery.roads.switches import stopped, stops
from delivery.rulebook import newest_sound
from models.database import SyncTransaction
from models.queries.configuring import accounts, catalog, controls, rulebooks, warmings
from models.queries.people import categories
from models.queries.sending import digests, facts, knowing, ledgers
from models.records import Catalog, Facts, NewDelivery, Rulebook, Topic

_LOOKED_AT = 10
"""Versions of the rules that are tried until one can be read, as workers do."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of an event that came now.

    Attributes:
        stopped: A kill switch holds these steps before anything is asked.
    """

    at: datetime
    topic: Topic
    prospects: tuple[Prospect, ...]
    stopped: frozenset[str]


def outlook(recipient: str, key: str) -> Outlook | None:
    """What a topic's event would become for somebody; `None` when there is no such topic.

    Data is the topic's first example: it matters where a throttle or a digest goes by it.
    """
    at = database().now()
    with database().begin() as tx:
        known = _catalog(tx)
        topic = known.topics.get(key)
        if topic is None:
            return None
        made = supposed(topic, recipient, _data(topic), at)
        prospects = foresee(made, topic, _facts(tx, known, recipient, made), _rules(tx, made), at)
        off = stops(tx.run(controls.switches()))
    rows = [due(one, at) for one in made]
    held = stopped(rows, off, at) if off else {}
    steps = frozenset(row.step for row in rows if row.delivery_id in held)
    return Outlook(at, topic, tuple(prospects), steps)


def _catalog(tx: SyncTransaction) -> Catalog:
    """As workers know it, as far as it decides."""
    return Catalog(
        topics=tx.run(catalog.topics()),
        live={},
        accounts=(),
        sources=(),
        categories=tx.run(categories.categories()),
        orgs_choose=tx.run(categories.orgs_choose()),
    )


def _data(topic: Topic) -> str:
    return json.dumps((examples_of(topic.schema) or [{}])[0])


def _facts(
    tx: SyncTransaction, known: Catalog, recipient: str, made: Sequence[NewDelivery]
) -> Facts:
    profiles = tx.run(facts.profiles([recipient]))
    ledger = tx.run(ledgers.read_ledgers([recipient]))
    channels = {one.channel for one in made}
    found = tx.follow(knowing.known(known, [recipient], channels, profiles, ledger))[recipient]
    collecting = tx.run(digests.collecting([recipient]))
    return replace(found, digests=collecting.get(recipient, {}))


def _rules(tx: SyncTransaction, made: Sequence[NewDelivery]) -> Mapping[str, Rules]:
    """What the installation allows on each channel; the local mailbox is free to use."""
    of = settings.delivery()
    book = newest_sound(tx.run(rulebooks.newest(_LOOKED_AT)))[0] or Rulebook()
    warm = tx.run(warmings.warm()) if book.caps else frozenset()
    named = {one.channel for one in tx.run(accounts.all_accounts()) if one.enabled}
    return {
        channel: replace(
            Rules() if of.uses_mailbox and channel not in named else rules_of(of),
            rulebook=book,
            warm=warm,
        )
        for channel in {one.channel for one in made}
    }
