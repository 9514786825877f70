"""The mailbox that answers go to: Jinja in a topic or campaign, an address in the mail."""

from delivery.errors import ComposingError, Problem, RenderingError
from delivery.rendering.headers import sender
from delivery.rendering.lines import line

REPLY_TO = "reply_to"
"""What documents call it."""


def fault(source: str) -> str | None:
    """What is wrong with it before it is filled; without Jinja it must be a mailbox."""
    try:
        line(REPLY_TO, source)
        if "{{" not in source and "{%" not in source:
            sender(source)
    except RenderingError as error:
        return error.problems[0].message.removeprefix("subject: ")
    except ComposingError:
        return "write a mailbox, like Support <support@example.com>, or Jinja that makes one"
    return None


def mailbox(said: str) -> str | None:
    """The mailbox that was filled in; nothing stands for none.

    Raises:
        RenderingError: It is not a mailbox.
    """
    if not said:
        return None
    try:
        sender(said)
    except ComposingError:
        raise RenderingError([Problem(1, f"{REPLY_TO}: what it says is not a mailbox")]) from None
    return said
