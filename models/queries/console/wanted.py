"""Which deliveries somebody asks for, as conditions of a statement.

Everybody who names deliveries by what they have in common says it so: lists, orders, exports.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from models.ids import day_of
from models.readings.deliveries import Noticed, OfCampaign, Wanted
from models.states import DeliveryState

SLACK = timedelta(days=1)
"""A producer's clock may run ahead: its rows' day can lie before their `created_at`."""


# Few of many: found by their attempts, each by its key. Without OFFSET the planner joins all of
# the history, because it does not know that a key names its day's partition.
_DOUBTFUL = """
    (SELECT DISTINCT a.bucket, a.day, a.delivery_id FROM attempts a
      WHERE a.bucket = ANY(:slice) AND a.outcome = 'in_doubt') doubt
     CROSS JOIN LATERAL (
           SELECT * FROM deliveries i
            WHERE i.bucket = ANY(:slice) AND i.bucket = doubt.bucket AND i.day = doubt.day
              AND i.delivery_id = doubt.delivery_id OFFSET 0) d
"""


# The same for what readers said: few of many, with an index of their own.
_TOLD = """
    (SELECT DISTINCT f.bucket, f.day, f.delivery_id FROM feedback f
      WHERE f.bucket = ANY(:slice) AND f.kind = :kind
        AND f.kind IN ('complained', 'unsubscribed')) told
     CROSS JOIN LATERAL (
           SELECT * FROM deliveries i
            WHERE i.bucket = ANY(:slice) AND i.bucket = told.bucket AND i.day = told.day
              AND i.delivery_id = told.delivery_id OFFSET 0) d
"""

# Many of many: each delivery is looked at until the page is full.
_FEEDBACK = """
    EXISTS (SELECT FROM feedback f
             WHERE f.bucket = ANY(:slice) AND f.bucket = d.bucket AND f.day = d.day
               AND f.delivery_id = d.delivery_id AND {that} OFFSET 0)
"""
_PEOPLE = "f.detail ->> 'by' IN ('person', 'proxy')"
_NOTICED: Mapping[str, str] = {
    Noticed.OPENED: _FEEDBACK.format(that=f"f.kind = 'opened' AND {_PEOPLE}"),
    Noticed.CLICKED: _FEEDBACK.format(that=f"f.kind = 'clicked' AND {_PEOPLE}"),
    Noticed.MACHINES: _FEEDBACK.format(that=f"f.kind IN ('opened', 'clicked') AND NOT {_PEOPLE}"),
    Noticed.CONVERTED: """
        EXISTS (SELECT FROM conversions c
                 WHERE c.bucket = ANY(:slice) AND c.bucket = d.bucket
                   AND c.delivery_id = d.delivery_id OFFSET 0)
    """,
}


def source(wanted: Wanted) -> str:
    """Where settled deliveries (`d`) that are asked for are looked for."""
    if wanted.kind and wanted.kind not in _NOTICED:
        return _TOLD
    return _DOUBTFUL if wanted.states == {DeliveryState.IN_DOUBT} else "deliveries d"


def conditions(wanted: Wanted, row: str, reason: str = "") -> str:
    """What the filters say of a row of deliveries (`d`) or of the queue (`q`), each with AND."""
    asked: dict[str, object] = {
        f"{row}.state = ANY(:states)": wanted.states,
        f"{row}.{reason} = :reason": wanted.reason,
        f"{row}.channel = :channel": wanted.channel,
        f"{row}.topic = :topic": wanted.topic,
        f"{row}.recipient_id = :recipient": wanted.recipient,
        f"{row}.class = :klass": wanted.klass,
        f"{row}.provider = :provider": wanted.provider,
        f"{row}.destination = :destination": wanted.destination,
        f"{row}.created_at >= :since AND {row}.day >= :first_day": wanted.since,
        f"({row}.created_at, {row}.delivery_id) < (:before_at, :before_id)": wanted.before,
        _NOTICED.get(wanted.kind or "", ""): wanted.kind in _NOTICED,
        **_of_campaign(wanted.of, row),
    }
    return "".join(f" AND {condition}" for condition, value in asked.items() if value)


def _of_campaign(of: OfCampaign | None, row: str) -> dict[str, object]:
    """A cohort is written `3/welcome/a`: run, step and variant."""
    if of is None:
        return {}
    return {
        f"{row}.campaign = :campaign": True,
        f"split_part({row}.cohort, '/', 1) = :run": of.run is not None,
        f"split_part({row}.cohort, '/', 2) = :campaign_step": of.step is not None,
        f"split_part({row}.cohort, '/', 3) = :variant": of.variant is not None,
    }


def parameters(wanted: Wanted) -> dict[str, Any]:
    """The parameters of `conditions`."""
    before = wanted.before
    given = {
        "states": sorted(wanted.states),
        "reason": wanted.reason,
        "channel": wanted.channel,
        "topic": wanted.topic,
        "recipient": wanted.recipient,
        "klass": wanted.klass,
        "provider": wanted.provider,
        "destination": wanted.destination,
        "kind": None if wanted.kind in _NOTICED else wanted.kind,
        "since": wanted.since,
        "first_day": wanted.since and day_of(wanted.since - SLACK),
        "before_at": before and before.at,
        "before_id": before and before.id,
    }
    return {name: value for name, value in given.items() if value} | _campaign(wanted.of)


def _campaign(of: OfCampaign | None) -> dict[str, Any]:
    if of is None:
        return {}
    run = None if of.run is None else str(of.run)
    given = {
        "campaign": of.campaign, "run": run, "campaign_step": of.step, "variant": of.variant,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}
