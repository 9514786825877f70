"""From the edits of a day to the outbox rows a wiki would have written. Pure."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import quote

from models.queries.planning.demo import NewRow
from scheduler.demo.edits import Day, Edit

SAVED = "edit.saved"
"""Tells the author, robots too."""
EDITED = "page.edited"
"""Tells everybody who edited the page before."""

LENGTH = 86_400.0
"""Seconds of a day."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An outbox row, and how many seconds into the day it is written."""

    offset: float
    row: NewRow


def offers_of(day: Day) -> list[Offer]:
    """The rows of a day in order of time, which is also the order of their offsets.

    Edits that carry another date than the most of them belong to the day all the same: they come
    at its very beginning or end.
    """
    begin, editors = begin_of(day), dict[tuple[str, str], dict[str, None]]()
    offers: list[Offer] = []
    for edit in day.edits:
        offset = min(max((edit.at - begin).total_seconds(), 0.0), LENGTH)
        before = editors.setdefault((edit.wiki, edit.page), {})
        offers.append(Offer(offset, _saved(day, edit)))
        watching = tuple(user for user in before if user != edit.user)
        if watching:
            offers.append(Offer(offset, _edited(day, edit, watching)))
        before[edit.user] = None
    return offers


def begin_of(day: Day) -> datetime:
    """Midnight (UTC) of the date that most of a day's edits carry."""
    dates = Counter(edit.at.astimezone(UTC).date() for edit in day.edits)
    [(date, _)] = dates.most_common(1)
    return datetime.combine(date, time(), UTC)


def _saved(day: Day, edit: Edit) -> NewRow:
    # Without an actor: nobody is told of their own doing, and here that is the point.
    return NewRow(
        topic=SAVED,
        data=_data(edit),
        dedup_key=f"{SAVED}:{day.name}:{edit.number}",
        recipients=(edit.user,),
        thread=_thread(edit),
        tags=_tags(edit),
    )


def _edited(day: Day, edit: Edit, watching: tuple[str, ...]) -> NewRow:
    return NewRow(
        topic=EDITED,
        data=_data(edit),
        dedup_key=f"{EDITED}:{day.name}:{edit.number}",
        recipients=watching,
        actor=edit.user,
        thread=_thread(edit),
        tags=_tags(edit),
    )


def _data(edit: Edit) -> str:
    title = quote(edit.page.replace(" ", "_"), safe="/:(),")
    said = {
        "page": edit.page,
        "wiki": edit.wiki,
        "comment": edit.comment,
        "delta": edit.delta,
        "url": f"https://{edit.wiki}.org/wiki/{title}",
    }
    return json.dumps(said, ensure_ascii=False)


def _thread(edit: Edit) -> str:
    return f"{edit.wiki}:{edit.page}"


def _tags(edit: Edit) -> tuple[str, ...]:
    return (edit.wiki, "robot" if edit.robot else "person")
