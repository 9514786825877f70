"""`tidings bounces`: the ways in for mail that comes back, in a process of its own."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from delivery.returns.addresses import complaints_to
from delivery.settings import DeliverySettings
from models import urls
from models.secret import secret_key
from models.settings import DatabaseSettings
from scheduler import logs
from scheduler.returns.desk import Desk
from scheduler.returns.imap import read_url
from scheduler.returns.listener import Places
from scheduler.returns.maildir import Maildir
from scheduler.returns.service import Ways, desk_for, serve
from scheduler.settings import BounceSettings, WorkerSettings


def bounces(
    host: Annotated[str | None, typer.Option(help="Address; else TIDINGS_BOUNCE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; else TIDINGS_BOUNCE_PORT.")] = None,
    maildir: Annotated[Path | None, typer.Option(help="Take what lies in this maildir.")] = None,
    *,
    address: Annotated[
        bool, typer.Option("--address", help="Tell where complaints are to be sent, and end.")
    ] = False,
) -> None:
    """Take bounces, complaints and unsubscriptions by mail until stopped."""
    logs.configure(WorkerSettings().log_format)
    settings = BounceSettings()
    desk = _desk()
    if address:
        typer.echo(f"{complaints_to(desk.place.keys)}@{desk.place.domain}")
        return
    wanted = settings.bounce_port if port is None else port
    directory = maildir or settings.bounce_maildir
    ways = Ways(
        Places(host or settings.bounce_host, None if wanted < 0 else wanted, settings.bounce_lmtp),
        None if directory is None else Maildir.at(directory),
        read_url(settings.bounce_imap_url.get_secret_value()),
        (settings.bounce_metrics_host, settings.bounce_metrics_port),
    )
    asyncio.run(serve(desk, ways))


def _desk() -> Desk:
    stored, settings = DatabaseSettings(), DeliverySettings()
    key = secret_key(
        settings.secret_key.get_secret_value(), stored.data_dir, bundled=not stored.database_url
    )
    return desk_for(urls.configured_url(), settings, key)
