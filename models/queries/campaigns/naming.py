"""What a campaign may name."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.queries.audiences import catalog as audiences
from models.queries.configuring import catalog, files, templates
from models.query import Story
from models.records import Live, Topic
from models.records.campaigns import Known
from models.storable import storable


def known(*documents: Mapping[str, Any]) -> Story[Known]:
    """Topics, templates and audiences as they are now, and those files that are named.

    Products may keep a file for each of their events, so nobody reads all of their keys.

    Args:
        documents: What campaigns say, or are about to say, as far as it can be read.
    """
    topics: Mapping[str, Topic] = yield catalog.topics()
    live: Mapping[str, Live] = yield templates.live()
    channels: Mapping[str, str] = yield templates.channels()
    in_force: Mapping[str, int] = yield audiences.in_force()
    carried = {key for topic in topics.values() for key in topic.attachments}
    named = carried.union(*map(_files, documents))
    there: frozenset[str] = yield files.there(named)
    return Known(topics, live, channels, in_force, there)


def _files(document: Mapping[str, Any]) -> Iterator[str]:
    said = document.get("attachments")
    for key in said if isinstance(said, list) else ():
        if isinstance(key, str) and not storable(key).replaced:
            yield key
