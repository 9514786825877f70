"""What is tried: a rulebook, and other digests of topics, as one document."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from delivery.limits import caps
from delivery.ports import Rules
from delivery.rulebook import RulebookError, read
from models.records import Digest, Rulebook, Topic, read_digest

PROPOSED = 1_000_000_000
"""The version of a rulebook that was never published."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rules to be tried.

    Attributes:
        topics: All topics, as they would be.
    """

    book: Rulebook
    topics: Mapping[str, Topic]

    @property
    def rules(self) -> Rules:
        """As the policies read them: every counter is warm, for the past is at hand."""
        return Rules(rulebook=self.book, warm=caps.counters(self.book.caps))

    @property
    def reaches_back(self) -> timedelta:
        """How long before the first day its counters begin to count."""
        return max(map(caps.looks_back, self.book.caps), default=timedelta())

    @property
    def asks_events(self) -> frozenset[str]:
        """Topics whose events must be at hand."""
        if any(rule.picks.tags for rule in self.book.rules):
            return frozenset(self.topics)
        return frozenset(
            key
            for key, topic in self.topics.items()
            if topic.digest is not None and topic.digest.by
        )


def propose(document: Any, topics: Mapping[str, Topic]) -> Proposal:
    """A proposal from a rulebook's document that may also say `[topics.KEY] digest = …`.

    Raises:
        RulebookError: Everything that is wrong with it.
    """
    if not isinstance(document, Mapping):
        read(document, PROPOSED)  # says what is wrong with it
    others = document.get("topics", {})
    book = read({key: value for key, value in document.items() if key != "topics"}, PROPOSED)
    if not isinstance(others, Mapping):
        raise RulebookError(("topics", "write [topics.KEY] with a digest, or digest = false"))
    return Proposal(book, {**topics, **_changed(others, topics)})


def _changed(others: Mapping[str, Any], topics: Mapping[str, Topic]) -> dict[str, Topic]:
    changed, faults = {}, []
    for key, body in others.items():
        place = f"topics.{key}"
        if key not in topics:
            faults.append((place, "there is no such topic"))
        elif not isinstance(body, Mapping) or body.keys() != {"digest"}:
            faults.append((place, "say digest, and nothing else"))
        else:
            try:
                changed[key] = replace(topics[key], digest=_digest(body["digest"], topics[key]))
            except ValueError as error:
                faults.append((f"{place}.digest", str(error)))
    if faults:
        raise RulebookError(*faults)
    return changed


def _digest(body: Any, topic: Topic) -> Digest | None:
    return None if body is False else _of(topic, read_digest(body))


def _of(topic: Topic, rule: Digest) -> Digest:
    steps = {step.key for step in topic.steps}
    if unknown := sorted(set(rule.steps) - steps):
        raise ValueError(
            f"the topic has no step {', '.join(unknown)}: it has {', '.join(sorted(steps))}"
        )
    return rule
