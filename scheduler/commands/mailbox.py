"""`tidings mailbox`: the local mail server and its page."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from models.settings import DatabaseSettings
from scheduler.mailbox import Places, run_mailbox
from scheduler.mailbox.store import KEPT


def mailbox(
    smtp_port: Annotated[int, typer.Option(help="Port for mail.")] = 2525,
    http_port: Annotated[int, typer.Option(help="Port for the page.")] = 8025,
    host: Annotated[str, typer.Option(help="Address both listen on.")] = "127.0.0.1",
    directory: Annotated[Path | None, typer.Option(help="Where mail is kept.")] = None,
    keep: Annotated[int, typer.Option(help="How many messages are kept.", min=1)] = KEPT,
) -> None:
    """Keep every mail that is sent here and show it in the browser; nothing leaves."""
    folder = directory or DatabaseSettings().data_dir / "mailbox"
    asyncio.run(run_mailbox(Places(folder, host, smtp_port, http_port, keep)))
