"""`tidings up`: everything in one terminal."""

import os
import signal
import threading
import webbrowser
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from delivery.settings import DeliverySettings, Environment
from models import urls
from models.database import SyncDatabase
from models.secret import secret_key
from models.settings import DatabaseSettings
from scheduler.commands import link, migrate
from scheduler.samples import plant
from scheduler.services import Service, Services, free_port
from scheduler.settings import BounceSettings, WorkerSettings

_READY_WITHIN = 60.0
"""Seconds the services get to answer for the first time."""

out = Console(highlight=False)


def up(
    demo: Annotated[bool, typer.Option(help="Replay a day of activity as well.")] = False,  # noqa: FBT002
    browser: Annotated[bool, typer.Option(help="Open the console in the browser.")] = False,  # noqa: FBT002
) -> None:
    """Run everything: database, migrations and every service; Ctrl-C stops it."""
    stopped = _obey_signals()
    settings = DeliverySettings()
    with out.status("Starting the database"):
        url = urls.configured_url()
        bundled = not DatabaseSettings().database_url
        secret_key(
            settings.secret_key.get_secret_value(), DatabaseSettings().data_dir, bundled=bundled
        )
        migrate.upgrade(url)
        _plant(url, settings)
    ports = _ports(settings)
    services = Services({**os.environ, **_environment(ports)})  # noqa: TID251 - handed on whole
    try:
        _start(services, _services(settings, ports, demo=demo))
        _greet(url, ports, settings, browser=browser)
        while not stopped.wait(1.0):
            for name in services.revive():
                out.print(f"[yellow]{name} ended and was started again[/]")
    finally:
        with out.status("Stopping: what is on the wire is finished first"):
            services.stop()
    out.print("Stopped. Your data is kept.")


def _obey_signals() -> threading.Event:
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    return stopped


def _plant(url: str, settings: DeliverySettings) -> None:
    database = SyncDatabase.connect(url, "tidings up")
    try:
        plant(database, people=settings.environment is Environment.DEV)
    finally:
        database.close()


def _ports(settings: DeliverySettings) -> dict[str, int]:
    """Where each service listens: the configured port, or the next free one."""
    bounces = BounceSettings()
    wanted = {
        "bounce_port": bounces.bounce_port,
        "bounce_metrics_port": bounces.bounce_metrics_port,
        "console_port": settings.console_port,
        "api_port": settings.api_port,
        "mailbox_port": settings.mailbox_port,
        "mailbox_smtp_port": settings.mailbox_smtp_port,
    }
    return {name: free_port(port) if port > 0 else port for name, port in wanted.items()}


def _environment(ports: dict[str, int]) -> dict[str, str]:
    return {f"TIDINGS_{name.upper()}": str(port) for name, port in ports.items()}


def _services(settings: DeliverySettings, ports: dict[str, int], *, demo: bool) -> list[Service]:
    def at(name: str, path: str) -> str:
        return f"http://127.0.0.1:{ports[name]}{path}"

    tidings = ("-m", "scheduler")
    mailbox = (
        *(*tidings, "mailbox", "--smtp-port", str(ports["mailbox_smtp_port"])),
        *("--http-port", str(ports["mailbox_port"])),
    )
    workers = str(WorkerSettings().worker_processes)
    services = [
        Service("worker", (*tidings, "work", "--processes", workers)),
        Service("api", (*tidings, "api"), at("api_port", "/healthz")),
        Service("bounces", (*tidings, "bounces"), _metrics(ports["bounce_metrics_port"])),
        Service("console", ("-m", "dashboard"), at("console_port", "/healthz")),
    ]
    if settings.sqs_url:
        services.append(Service("feedback", (*tidings, "feedback", "sqs")))
    if settings.uses_mailbox:
        services.insert(0, Service("mailbox", mailbox, at("mailbox_port", "/messages?limit=1")))
    if demo:
        services.append(Service("demo", (*tidings, "demo"), stays=False))
    return services


def _metrics(port: int) -> str | None:
    return f"http://127.0.0.1:{port}/metrics" if port else None


def _start(services: Services, wanted: list[Service]) -> None:
    for service in wanted:
        services.start(service)
    for service in wanted:
        with out.status(f"Waiting for the {service.name}"):
            if not services.await_ready(service, _READY_WITHIN):
                out.print(f"[red]The {service.name} does not answer: its messages are above.[/]")


def _greet(url: str, ports: dict[str, int], settings: DeliverySettings, *, browser: bool) -> None:
    console = link.sign_in_link(url, f"http://localhost:{ports['console_port']}")
    out.print()
    out.print(f"  [bold]Console[/]  {console}", soft_wrap=True)
    out.print("           [dim]signs you in once, within the hour; then: tidings console-link[/]")
    out.print(f"  [bold]API[/]      http://localhost:{ports['api_port']}/docs")
    if settings.uses_mailbox:
        out.print(f"  [bold]Mailbox[/]  http://localhost:{ports['mailbox_port']}")
    out.print("\n  Say hello from a second terminal:\n")
    out.print(
        '  .venv/bin/tidings sql -c "INSERT INTO outbox (topic, recipients, data) VALUES'
        " ('page.edited', '{anna}', '{\\\"page\\\": \\\"Great Wave\\\"}')\"",
        soft_wrap=True,
    )
    out.print("\n  Ctrl-C stops everything; your data is kept.\n")
    if browser:
        webbrowser.open(console)
