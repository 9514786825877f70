"""Letting Hypothesis tell stories: many of them, on one database and one event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
import structlog
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from models.connections import Connections
from models.database import Database
from scheduler.known.catalog import Shelf
from tests.factories import rows

LONG = settings().max_examples > 100
"""Whether somebody asked for very many stories."""


class Story(RuleBasedStateMachine):
    """One story; what all of them share is given to their class."""

    db: psycopg.Connection[Any]
    lent: Connections
    shelf: Shelf
    runner: asyncio.Runner


S = TypeVar("S", bound=type[Story])


@contextmanager
def staged(
    story: S,
    url: str,
    people: Iterable[str],
    prepare: Callable[[Connections], Awaitable[Shelf]],
) -> Iterator[S]:
    """The stories' database with these people, their connections and their loop."""
    with rows(url) as make:
        for person in people:
            make.recipient(person)
            make.address(person, f"{person}@example.com")
    with (
        psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as db,
        asyncio.Runner() as runner,
    ):
        story.db, story.runner = db, runner
        story.lent = Database.connect(url, "stories", 16).connections
        story.shelf = runner.run(prepare(story.lent))
        yield story
        runner.run(story.lent.close())


def told(story: type[Story], stories: int, steps: int) -> None:
    """Tell so many stories of so many steps, always the same; or very many, always others."""
    with structlog.testing.capture_logs():
        run_state_machine_as_test(
            story,
            settings=settings(
                max_examples=settings().max_examples if LONG else stories,
                stateful_step_count=40 if LONG else steps,
                derandomize=not LONG,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
