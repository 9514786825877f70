"""What a mail carries besides its words, filled for its recipient."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from delivery import extras
from delivery.budget import QUICK, OverBudgetError, fill_quickly
from delivery.errors import Problem, RenderingError
from delivery.files import ATTACHMENTS, wrong
from delivery.gate import Decision
from delivery.messages import CalendarPart, Enclosure, Envelope
from delivery.rendering import calendars
from delivery.rendering.lines import line
from delivery.rendering.mailboxes import REPLY_TO, mailbox
from models.records import CalendarEntry, DueRow
from scheduler.runtime import Runtime


async def dressed(
    runtime: Runtime, cover: Envelope, decision: Decision, context: Mapping[str, Any]
) -> Envelope:
    """The envelope with what the topic and the event add to it; the same in all attempts.

    Raises:
        RenderingError: It cannot be filled, or is not what it must be.
    """
    row, topic = decision.row, decision.topic
    own = extras.read(row.extras)
    reply_to = own.reply_to or topic.reply_to
    if reply_to is not None:
        cover = replace(cover, reply_to=mailbox(_said(REPLY_TO, reply_to, context)))
    if topic.calendar is not None:
        address = decision.address or ""
        part = _calendar(topic.calendar, row, address, cover.recipient_name, context)
        cover = replace(cover, calendar=part)
    if names := (*topic.attachments, *own.attachments):
        cover = replace(cover, enclosures=await _enclosed(runtime, names, context))
    return cover


async def _enclosed(
    runtime: Runtime, names: Sequence[str], context: Mapping[str, Any]
) -> tuple[Enclosure, ...]:
    """The files that these texts name, each once; one that fills to nothing names none."""
    said = [_said(ATTACHMENTS, name, context) for name in names]
    keys = list(dict.fromkeys(filter(None, said)))
    found = [await runtime.files.get(runtime.database, key) for key in keys]
    there = [file for file in found if file is not None]
    if fault := wrong(keys, there):
        raise RenderingError([Problem(1, f"{ATTACHMENTS}: {fault}")])
    return tuple(Enclosure(file.name, file.kind, file.octets) for file in there)


def _calendar(
    entry: CalendarEntry, row: DueRow, address: str, shown: str | None, context: Mapping[str, Any]
) -> CalendarPart | None:
    sources = {"zone": entry.zone, "sequence": entry.sequence, **entry.document}
    said = {name: _said(f"calendar.{name}", text, context) for name, text in sources.items()}
    found = calendars.read(said)
    return None if found is None else calendars.calendar(found, address, shown, row.created_at)


def _said(name: str, source: str, context: Mapping[str, Any]) -> str:
    """A line of a document, filled.

    Raises:
        RenderingError: It cannot be filled, or not quickly.
    """
    try:
        return fill_quickly(line(name, source), context).subject
    except OverBudgetError:
        told = [f"filling takes more than {QUICK * 1000:g} ms"]
    except RenderingError as error:
        told = [problem.message.removeprefix("subject: ") for problem in error.problems]
    raise RenderingError([Problem(1, f"{name}: {one}") for one in told])
