"""A proposal over the past of everybody, part by part, so that progress can be shown."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from delivery.simulation import replay
from delivery.simulation.proposal import Proposal
from delivery.simulation.replay import Replay
from delivery.simulation.tally import Tally
from models.records import Past, Recorded

Load = Callable[[str, datetime], Past]
"""Reads the past of a part of the recipients, since a moment."""


def simulate(
    load: Load, parts: Iterable[str], proposal: Proposal, until: datetime, span: timedelta
) -> Iterator[Tally]:
    """Decide again what was wanted in the last `span` before `until`.

    What went before is decided too, as far as rules look back, but not counted.

    Yields:
        After each part the counts so far: the same object, growing.
    """
    since, tally = until - span, Tally()
    for part in parts:
        add(tally, load(part, since - proposal.reaches_back), proposal, since)
        yield tally


def add(tally: Tally, past: Past, proposal: Proposal, since: datetime) -> None:
    """Decide a past again and count it."""
    for recipient, recorded in replay.by_recipient(past).items():
        again = Replay(proposal, replay.blank(past.profiles.get(recipient)))
        mine = Past(recorded, past.profiles, past.events)
        would = [one for one in again.run(replay.drafts(mine, proposal)) if one.wanted_at >= since]
        untouched = [replay.happened(one) for one in recorded if _stays(one, since)]
        was = [replay.happened(one) for one in recorded if one.due_at >= since]
        tally.add(recipient, was, [*would, *untouched], again.decisions)


def _stays(one: Recorded, since: datetime) -> bool:
    """Whether it ends as it did whatever the rules: a digest's message is made anew."""
    return one.due_at >= since and not one.digest and not replay.is_tried(one)
