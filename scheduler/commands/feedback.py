"""`tidings feedback sqs`: vendors' events that are fetched, in a process of its own."""

import asyncio
import signal

import httpx
import typer

from delivery.settings import DeliverySettings
from models import urls
from models.database import Database
from scheduler import logs
from scheduler.settings import WorkerSettings
from scheduler.sqs.credentials import AwsSettings, Chain
from scheduler.sqs.poller import Poller
from scheduler.sqs.queue import Queue, region_of

app = typer.Typer(help="Vendors' events that are fetched.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `sqs` a command of a group: others may come."""


@app.command()
def sqs() -> None:
    """Take Amazon SES's events out of the queue TIDINGS_SQS_URL until stopped."""
    logs.configure(WorkerSettings().log_format)
    settings, aws = DeliverySettings(), AwsSettings()
    if not settings.sqs_url:
        raise ValueError("TIDINGS_SQS_URL is missing: set it to the queue's URL")
    region = region_of(settings.sqs_url, settings.sqs_region, aws.region, aws.default_region)
    asyncio.run(serve(urls.configured_url(), settings, aws, region))


async def serve(url: str, settings: DeliverySettings, aws: AwsSettings, region: str) -> None:
    """Poll the queue of the settings until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    database = Database.connect(url, "tidings feedback", 2)
    async with httpx.AsyncClient() as http:
        chain = Chain(aws, http)
        queue = Queue(
            settings.sqs_url, region, settings.sqs_endpoint, http, chain, database.tell_time
        )
        topics = settings.webhook_secrets["amazon_ses"]
        await Poller(database, queue, topics).run(stopping)
    await database.close()
