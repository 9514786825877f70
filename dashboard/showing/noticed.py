"""What was noticed of deliveries, as people choose it, and which deliveries are behind a number."""

from collections.abc import Mapping

from dashboard.showing.spans import EVER
from dashboard.showing.words import label
from models.readings.deliveries import Noticed, OfCampaign

NOTICED: Mapping[Noticed, str] = {
    Noticed.OPENED: "Opened by people",
    Noticed.CLICKED: "Clicked by people",
    Noticed.MACHINES: "Opened or clicked by machines",
    Noticed.CONVERTED: "Converted",
    Noticed.COMPLAINED: "Complained",
    Noticed.UNSUBSCRIBED: "Unsubscribed",
}


def behind(
    of: OfCampaign, *states: str, reason: str = "", noticed: Noticed | None = None
) -> dict[str, list[str]]:
    """What the page Deliveries is asked for to show those of a campaign behind a number."""
    said = {
        "of_campaign": [of.campaign],
        "of_run": [] if of.run is None else [str(of.run)],
        "of_step": [of.step] if of.step else [],
        "of_variant": [of.variant] if of.variant else [],
        "state": [label(state) for state in states],
        "reason": [label(reason)] if reason else [],
        "told": [NOTICED[noticed]] if noticed else [],
        "since": [EVER],
    }
    return {name: values for name, values in said.items() if values}
