"""What a campaign may name."""

from collections.abc import Mapping

from models.queries.audiences import catalog as audiences
from models.queries.configuring import catalog, files, templates
from models.query import Story
from models.records import Live, Topic
from models.records.campaigns import Known


def known() -> Story[Known]:
    """Topics, templates, audiences and files, as they are now."""
    topics: Mapping[str, Topic] = yield catalog.topics()
    live: Mapping[str, Live] = yield templates.live()
    channels: Mapping[str, str] = yield templates.channels()
    in_force: Mapping[str, int] = yield audiences.in_force()
    there: frozenset[str] = yield files.keys()
    return Known(topics, live, channels, in_force, there)
