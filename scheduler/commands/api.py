"""`tidings api`: the HTTP edge, in a process of its own."""

import logging
from typing import Annotated

import typer
import uvicorn

from delivery.api.app import build_app
from delivery.settings import DeliverySettings
from models import urls
from models.database import Database
from models.secret import secret_key
from models.settings import DatabaseSettings
from scheduler import logs
from scheduler.settings import WorkerSettings

_GRACE = 10
"""Seconds that requests get to finish after SIGTERM."""


def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Port; else TIDINGS_API_PORT.")] = None,
) -> None:
    """Serve the HTTP API until stopped."""
    logs.configure(WorkerSettings().log_format)
    logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)
    stored, settings = DatabaseSettings(), DeliverySettings()
    key = secret_key(
        settings.secret_key.get_secret_value(), stored.data_dir, bundled=not stored.database_url
    )
    database = Database.connect(urls.configured_url(), "tidings api")
    uvicorn.run(
        build_app(database, settings, key),
        host=host,
        port=settings.api_port if port is None else port,
        log_config=None,
        log_level="info",
        access_log=False,  # ours knows routes, and writes no tokens
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Of the web server's own doings, where it listens; all of what went wrong."""
    return record.levelno > logging.INFO or "running on" in record.getMessage()
