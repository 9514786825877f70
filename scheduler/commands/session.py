"""The database a command works on, and what is written there in its operator's name."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from models import urls
from models.database import SyncDatabase
from models.queries.console.noting import Noting
from scheduler.commands.operator import operator


@contextmanager
def opened(command: str, url: str | None = None) -> Iterator[SyncDatabase]:
    """The database at a URL, else that of the settings, until the end of the block.

    Args:
        command: How Postgres lists who is connected.
        url: Given where the settings were read before, or mean another database.
    """
    name = f"tidings {command}"
    with closing(SyncDatabase.connect(url or urls.configured_url(), name, 1)) as database:
        yield database


class Acting(Noting):
    """One transaction of an operator's."""

    __slots__ = ()

    @property
    def actor(self) -> str:
        """Who is at the keyboard."""
        return operator()


@contextmanager
def acting(command: str, url: str | None = None) -> Iterator[Acting]:
    """A transaction on `opened`, committed at the end of the block."""
    with opened(command, url) as database:
        now = database.now()
        with database.begin() as tx:
            yield Acting(tx, now)
