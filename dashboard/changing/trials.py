"""Test sends: words as they are drafted, to one of ours, which count nowhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from dashboard import settings
from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing.proposals import Proposed, proposal_of
from dashboard.reading.filling import Filler
from delivery import trials
from delivery.errors import Problem, RenderingError
from delivery.notices import reached
from delivery.profiles import ProfileError, read_profile
from delivery.publishing.material import Case
from delivery.reach import allows
from delivery.reading import MAX_DATA
from delivery.registry import all_channels
from delivery.rendering.lines import line_of
from delivery.rendering.saving import complete
from models.ids import day_of, event_id
from models.profiles import NewProfile
from models.queries.console import people, trials as tried
from models.queries.console.teams import Owned, owner_of
from models.queries.planning.notices import Telling, tell
from models.queries.planning.sources import OWN_SOURCE

__all__ = ["MOST", "NotAllowedError", "RefusedError"]
MOST = 20
"""Test sends of one person in `_WITHIN`."""
_WITHIN = timedelta(minutes=1)
_DID = "sent words to try them out"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be tried out, and who is to get it.

    Attributes:
        case: The name of what it is filled with.
        to: An address; on other channels the one who acts gets it.
        row: Drawn once for each try: the same row twice is one message.
    """

    template: str
    locale: str
    case: str
    to: str
    row: UUID


def send(by: UUID, wanted: Wanted, filler: Filler) -> UUID:
    """Send what somebody would get, to one of ours.

    Returns:
        The event's id.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It cannot be filled or sent, nobody of that address may get it, or it is too
            often.
    """
    owner = owner_of(Owned.TEMPLATE, wanted.template)
    with acting(by, Permission.TEST_SEND, owner) as act:
        _not_too_often(act)
    proposed = proposal_of(wanted.template)
    data = _filled(proposed, wanted, filler)
    with acting(by, Permission.TEST_SEND, owner) as act:
        if act.tx.follow(tell(_telling(act, proposed, wanted, data), act.now)):
            act.note(
                _DID, wanted.template, locale=wanted.locale, case=wanted.case, to=wanted.to,
                drafts=proposed.there.revisions, live=proposed.there.head.live_version,
            )  # fmt: skip
        return event_id(OWN_SOURCE, wanted.row, day_of(act.now))


def _not_too_often(act: Acting) -> None:
    if act.tx.run(tried.done_since(act.by.email, _DID, act.now - _WITHIN)) >= MOST:
        raise RefusedError(f"That is {MOST} in a minute: wait a little.")


def _filled(proposed: Proposed, wanted: Wanted, filler: Filler) -> Mapping[str, Any]:
    """The words and what the topic adds to them, as the data of an event."""
    text = proposed.texts.get(wanted.locale)
    if text is None:
        raise RefusedError(f"There are no words in {wanted.locale}.")
    case = proposed.cases(wanted.locale).get(wanted.case)
    if case is None:
        raise RefusedError("What it was to be filled with is gone: choose anew.")
    try:
        content = filler.fill(complete(text, proposed.partials), case.context).content
        return trials.data_of(content, _added(proposed, case, wanted, filler))
    except RenderingError as error:
        raise RefusedError(f"It cannot be filled: {error}.") from None


def _added(proposed: Proposed, case: Case, wanted: Wanted, filler: Filler) -> dict[str, str]:
    topic = proposed.topic_of(case)
    if topic is None or proposed.there.head.channel != "email":
        return {}

    def fill(name: str, source: str) -> str:
        try:
            return filler.fill(line_of(name, source), case.context).content.subject
        except RenderingError as error:
            said = (problem.message.removeprefix("subject: ") for problem in error.problems)
            raise RenderingError([Problem(1, f"{name}: {one}") for one in said]) from None

    return trials.added(topic, fill, f"trial-{wanted.row}")


def _telling(act: Acting, proposed: Proposed, wanted: Wanted, data: Mapping[str, Any]) -> Telling:
    channel = proposed.there.head.channel
    if channel not in trials.CHANNELS:
        raise RefusedError(f"Nothing carries {channel} yet: look at the preview.")
    if len(json.dumps(data).encode()) > MAX_DATA:
        raise RefusedError(f"It is over {MAX_DATA >> 10} KB: make it smaller.")
    whom = (_receiver(act, wanted.to, channel),)
    topic = trials.topic_of(channel)
    return Telling(wanted.row, topic, lambda: trials.template_of(channel), whom, data, test=True)


def _receiver(act: Acting, address: str, channel: str) -> NewProfile:
    """One of ours, or an address of the allow-list."""
    accepts = {key: each.accepts for key, each in all_channels().items()}
    meant = act.by.email if channel != "email" else address.strip()
    ours = [one for one in act.tx.run(people.all_people()) if one.active and one.email == meant]
    _let_out(meant, channel, is_ours=bool(ours))
    try:
        said = {"addresses": [{"channel": "email", "address": meant}]}
        known = reached(ours, accepts)
        return known[0] if known else read_profile(f"tidings:{meant}", said, accepts)
    except ProfileError:
        raise RefusedError("That is no address mail can be sent to.") from None


def _let_out(address: str, channel: str, *, is_ours: bool) -> None:
    """As workers will judge it, said before it is sent."""
    sets = settings.delivery()
    if channel != "email" or allows(sets.allow_to, address) or (is_ours and sets.uses_mailbox):
        return
    raise RefusedError(f"{address} is not on the allow-list: add it to TIDINGS_ALLOW_TO.")
