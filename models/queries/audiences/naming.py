"""What an audience may name."""

from collections.abc import Collection

from models.queries.configuring import catalog
from models.queries.people.categories import categories
from models.query import Story
from models.records import Category, Topic
from models.records.audiences import Nameable


def known(channels: Collection[str], audiences: Collection[str]) -> Story[Nameable]:
    """What there is: topics, and categories that are described or that a topic is of.

    Args:
        channels: Those there are.
        audiences: Those there are, or will be at the same moment.
    """
    topics: dict[str, Topic] = yield catalog.topics()
    described: dict[str, Category] = yield categories()
    return Nameable(
        channels=frozenset(channels),
        topics=frozenset(topics),
        categories=frozenset({*described, *(topic.category for topic in topics.values())}),
        audiences=frozenset(audiences),
    )
