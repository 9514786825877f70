"""Templates that a topic puts to another use: published for some classes, and said in others.

What nobody had to look at as news about somebody's own order has to be looked at before it is said
as advertising, though none of its words change.
"""

from collections.abc import Iterator
from dataclasses import replace

from dashboard.actions import Acting
from dashboard.changing.approving import ask_for, require, thresholds
from dashboard.changing.reviewing import ask_of
from delivery.approving import needed
from models.queries.configuring import publishing
from models.queries.console import templates
from models.records import Ask, Topic


def require_reuse(act: Acting, topic: Topic) -> None:
    """Go on only if all that a topic says may be said in its class.

    Raises:
        ApprovalNeededError: Somebody else has to look at a template first.
    """
    for ask in _asks(act, topic):
        require(act, ask)


def ask_for_reuse(act: Acting, topic: Topic, note: str) -> None:
    """Ask somebody else to look at what a topic would say in its class.

    Raises:
        RefusedError: No approval is needed, or there is no note.
    """
    for ask in _asks(act, topic):
        ask_for(act, ask, note)


def _asks(act: Acting, topic: Topic) -> Iterator[Ask]:
    """Of each live template that needs more approvals than it did, with its words as they are."""
    rules = thresholds(act.tx)
    for template in topic.templates:
        there = act.tx.follow(publishing.publishable(template))
        if there is None or not there.live:
            continue
        now, then = ask_of(there, there.live), ask_of(there.beside(topic), there.live)
        if needed(then, rules) > needed(now, rules):
            saved = {line.version: line for line in act.tx.run(templates.version_lines(template))}
            live = saved.get(there.head.live_version or 0)
            yield replace(
                then,
                # Of its own, so that it ends nothing that is asked for the template itself.
                subject=f"{template} for {topic.key}",
                before=now.document,
                edited_by=live.created_by if live else None,
            )
