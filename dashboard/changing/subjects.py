"""What the console reads and changes about topics: documents, their standing, test events.

As in `actions`: who acts is looked up again in the transaction that acts, which also writes the
audit entry.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from dashboard.changing.reusing import ask_for_reuse, require_reuse
from dashboard.changing.teams import hand_over
from dashboard.data import database
from delivery.reading import is_recipient_id, wrong_data
from delivery.registry import all_channels
from delivery.rulebook import newest_sound
from delivery.topics import Known, TopicError, as_document, read_toml
from models.database import SyncTransaction
from models.ids import day_of, event_id
from models.queries.configuring import catalog, rulebooks, templates
from models.queries.console import metrics, teams
from models.queries.console.teams import Owned
from models.queries.folding import engagements
from models.queries.people import categories
from models.queries.planning.emit import insert_outbox
from models.queries.planning.sources import OWN_SOURCE
from models.readings.engagement import EngagementLine
from models.records import Category, OutboxRow, Rulebook, Topic
from models.states import DeliveryState as D
from models.storable import storable

LOOKS_BACK = timedelta(days=7)
_LOOKED_AT = 10
"""Versions of the rules that are tried until one can be read, as workers do."""
_SENT = frozenset({D.SENT, D.DIGESTED})
_UNSENT = frozenset({D.SKIPPED, D.EXPIRED, D.CANCELLED, D.FAILED, D.BOUNCED})


@dataclass(frozen=True, slots=True)
class Standing:
    """A topic and how much came of it lately.

    Attributes:
        states: State to how many deliveries came into it.
        team: Who owns it; `None`: the installation.
    """

    topic: Topic
    states: Mapping[str, int] = field(default_factory=dict)
    team: str | None = None

    @property
    def sent(self) -> int:
        """How many were handed over, or came into the feed."""
        return sum(self.states.get(state, 0) for state in _SENT)

    @property
    def unsent(self) -> int:
        """How many came to another end."""
        return sum(self.states.get(state, 0) for state in _UNSENT)


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One topic with everything around it.

    Attributes:
        templates: Template to its channel.
        category: `None` where nobody described it.
        book: The rules in force.
        engagement: Opens and clicks within `LOOKS_BACK`.
    """

    standing: Standing
    templates: Mapping[str, str]
    category: Category | None
    book: Rulebook
    engagement: tuple[EngagementLine, ...] = ()

    @property
    def team(self) -> str | None:
        """Who owns it; `None`: the installation."""
        return self.standing.team


def standings() -> list[Standing]:
    """All topics by key, with what came of each within `LOOKS_BACK`."""
    at = database().now()
    with database().begin() as tx:
        topics, states = tx.run(catalog.topics()), _states(tx, at)
        owners = tx.run(teams.owners(Owned.TOPIC))
    return [
        Standing(topic, states.get(key, {}), owners.get(key))
        for key, topic in sorted(topics.items())
    ]


def _states(tx: SyncTransaction, at: datetime) -> Mapping[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for volume in tx.run(metrics.volumes(at - LOOKS_BACK)):
        found.setdefault(volume.topic, {})[volume.state] = volume.entered
    return found


def report(key: str) -> TopicReport | None:
    """One topic; `None` when there is none of this key."""
    at = database().now()
    with database().begin() as tx:
        topic = tx.run(catalog.topics()).get(key)
        if topic is None:
            return None
        return TopicReport(
            standing=Standing(topic, _states(tx, at).get(key, {}), _owner(tx, key)),
            templates=tx.run(templates.channels()),
            category=tx.run(categories.categories()).get(topic.category),
            book=newest_sound(tx.run(rulebooks.newest(_LOOKED_AT)))[0] or Rulebook(),
            engagement=tuple(tx.run(engagements.engagement_of(key, at - LOOKS_BACK))),
        )


def _owner(tx: SyncTransaction, key: str) -> str | None:
    return tx.run(teams.owner_of(Owned.TOPIC, key))


def known() -> Known:
    """What a topic may name."""
    with database().begin() as tx:
        return _known(tx)


def _known(tx: SyncTransaction) -> Known:
    topics = frozenset(tx.run(catalog.topics()))
    return Known(frozenset(all_channels()), tx.run(templates.channels()), topics)


def save(by: UUID, text: str, base: Mapping[str, Any] | None, team: str | None = None) -> Topic:
    """Make a topic what a document says.

    Args:
        by: Who acts.
        text: As TOML.
        base: The document it was made from; `None` for a new topic.
        team: Who is to own a new topic; `None`: the installation.

    Raises:
        NotAllowedError: The one who acts may not, in the team that owns it.
        ApprovalNeededError: A template would be said in a class it was not looked at for.
        RefusedError: It cannot be read, changes nothing, names another topic, or somebody else
            saved it since.
    """
    owner = team if base is None else teams.owner_of(Owned.TOPIC, base["key"])
    with acting(by, Permission.CHANGE_TOPICS, owner) as act:
        act.tx.run(catalog.lock_topics())
        topic = _named(base, _readable(text, _known(act.tx)))
        there = act.tx.run(catalog.topics()).get(topic.key)
        before, after = there and as_document(there), as_document(topic)
        if before != base:
            raise RefusedError(_overtaken(base))
        if before == after:
            raise RefusedError("Nothing would change.")
        require_reuse(act, topic)
        for query in catalog.save_topic(topic, act.now):
            act.tx.run(query)
        did = "changed a topic" if before else "made a topic"
        act.note(did, topic.key, before=before, after=after)
        if before is None and team is not None:
            hand_over(act, Owned.TOPIC, topic.key, team)
    return topic


def ask(by: UUID, text: str, base: Mapping[str, Any] | None, team: str | None, note: str) -> None:
    """Ask somebody else to look at the templates that `save` would put to another use.

    Raises:
        NotAllowedError: The one who acts may not, in the team that owns it.
        RefusedError: It cannot be read, needs no approval, or there is no note.
    """
    owner = team if base is None else teams.owner_of(Owned.TOPIC, base["key"])
    with acting(by, Permission.CHANGE_TOPICS, owner) as act:
        ask_for_reuse(act, _named(base, _readable(text, _known(act.tx))), note)


def _readable(text: str, known: Known) -> Topic:
    try:
        return read_toml(text, known)
    except TopicError as error:
        raise RefusedError(str(error)) from None


def _named(base: Mapping[str, Any] | None, topic: Topic) -> Topic:
    if base is not None and base["key"] != topic.key:
        raise RefusedError("A topic's key never changes: make a new topic of that key.")
    return topic


def _overtaken(base: Mapping[str, Any] | None) -> str:
    if base is None:
        return "There is a topic of this key already: open it and change it there."
    return "Somebody else saved it meanwhile: copy your text, open the topic anew and look at both."


def try_out(by: UUID, topic: str, recipient: str, data: str, row: UUID) -> UUID:
    """Send one test event to one recipient; the same row twice is one event.

    Returns:
        The event's id.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: The data does not fit the topic, or nobody can have that id.
    """
    if not is_recipient_id(recipient):
        raise RefusedError("Give a recipient's id, without space around it.")
    with acting(by, Permission.TRY_TOPICS, teams.owner_of(Owned.TOPIC, topic)) as act:
        found = act.tx.run(catalog.topics()).get(topic)
        if found is None:
            raise RefusedError("There is no such topic any more.")
        if fault := _fault(data, found):
            raise RefusedError(fault)
        if act.tx.run(insert_outbox(_test(row, topic, recipient, data, act.now))):
            act.note("sent a test event", topic, recipient=recipient, row=str(row))
        return event_id(OWN_SOURCE, row, day_of(act.now))


def _fault(data: str, topic: Topic) -> str | None:
    try:
        replaced = storable(json.loads(data)).problem
    except (ValueError, RecursionError) as error:
        return f"The data is not JSON: {error}."
    return replaced or wrong_data(data.strip(), topic)


def _test(row: UUID, topic: str, recipient: str, data: str, now: datetime) -> OutboxRow:
    return OutboxRow(
        id=row, topic=topic, recipients=(recipient,), audience=None, data=data, dedup_key=None,
        actor=None, thread=None, priority=None, not_before=None, expires_at=None, tags=None,
        locale=None, tenant=None, traceparent=None, test=True, created_at=now,
    )  # fmt: skip
