"""`tidings console-link`: a new one-time sign-in link for the console's first person."""

import secrets

import typer

from delivery.settings import DeliverySettings
from models import urls
from models.database import SyncDatabase
from models.people import LINK_LASTS, Role
from models.queries.console import people
from scheduler.commands.session import Acting

FIRST_EMAIL = "admin@localhost"
"""The person whose links the command line makes; made when not there yet."""


def sign_in_link(url: str, console: str) -> str:
    """A link that signs the first person in, once, within the hour.

    Args:
        url: Of the database.
        console: Where the console is, e.g. `http://localhost:8501`.

    Raises:
        ValueError: That person's access was closed.
    """
    token = secrets.token_urlsafe(32)
    database = SyncDatabase.connect(url, "tidings console-link")
    try:
        now = database.now()
        with database.begin() as tx:
            tx.run(people.forget_links(now))
            tx.run(people.add_person(FIRST_EMAIL, "Admin", [Role.ADMIN], now))
            person = tx.run(people.person_by_email(FIRST_EMAIL))
            if person is None or not person.active:
                raise ValueError(f"{FIRST_EMAIL} is closed: ask another admin for a link")
            tx.run(people.issue_link(person.person, token, now + LINK_LASTS))
            Acting(tx, now).note("made a sign-in link", FIRST_EMAIL)
    finally:
        database.close()
    return f"{console}/login?token={token}"


def console_link() -> None:
    """Print a new one-time sign-in link for the console."""
    console = f"http://localhost:{DeliverySettings().console_port}"
    typer.echo(sign_in_link(urls.configured_url(), console))
