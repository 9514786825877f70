"""What there is around a campaign that is about to be launched."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models.queries.audiences.weighing import Read, weighed
from models.queries.campaigns import campaigns
from models.queries.configuring import controls
from models.query import Story
from models.records import Switch
from models.records.campaigns import Around


def around(key: str, audience: str | None, read: Read, now: datetime) -> Story[Around]:
    """What may stand in its way besides what it says.

    Args:
        key: The campaign's.
        audience: The one it names; `None`: it lists its people.
        read: Who belongs to a saved audience; what it raises ends the story.
        now: When that is asked.
    """
    switches: list[Switch] = yield controls.switches()
    forecast: Mapping[str, Any] | None = yield campaigns.forecast(key)
    if audience is None:
        return Around(switches, forecast)
    version, members = yield from weighed(audience, read, now)
    return Around(switches, forecast, version, members)
