"""What a mail carries besides its words, filled for its recipient."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from delivery import extras
from delivery.budget import QUICK, OverBudgetError, fill_quickly
from delivery.errors import Problem, RenderingError
from delivery.messages import Envelope
from delivery.rendering.lines import line
from delivery.rendering.mailboxes import REPLY_TO, mailbox
from models.records import DueRow, Topic


def dressed(cover: Envelope, row: DueRow, topic: Topic, context: Mapping[str, Any]) -> Envelope:
    """The envelope with what the topic and the event add to it.

    Raises:
        RenderingError: It cannot be filled, or is not what it must be.
    """
    own = extras.read(row.extras)
    reply_to = own.reply_to or topic.reply_to
    if reply_to is None:
        return cover
    return replace(cover, reply_to=mailbox(said(REPLY_TO, reply_to, context)))


def said(name: str, source: str, context: Mapping[str, Any]) -> str:
    """A line of a document, filled.

    Raises:
        RenderingError: It cannot be filled, or not quickly.
    """
    try:
        return fill_quickly(line(name, source), context).subject
    except OverBudgetError:
        message = f"filling takes more than {QUICK * 1000:g} ms"
        raise RenderingError([Problem(1, f"{name}: {message}")]) from None
    except RenderingError as error:
        told = [problem.message.removeprefix("subject: ") for problem in error.problems]
        raise RenderingError([Problem(1, f"{name}: {one}") for one in told]) from None
