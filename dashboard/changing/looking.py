"""What a launch of a campaign looks at: what there is, what stands in the way, what is asked."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard import access
from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError
from dashboard.changing.approving import pending
from dashboard.data import database
from delivery.audiences import condition_of
from delivery.blame import DocumentError
from delivery.campaigns import asking, hindrances
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import read
from delivery.campaigns.hindrances import Look, Review, without_approval
from models.people import Person
from models.queries.campaigns import naming, orders
from models.queries.campaigns.around import around
from models.queries.campaigns.orders import NotNowError, Standing
from models.records import Ask
from models.records.campaigns import Around, Known


def known(said: Mapping[str, Any]) -> Known:
    """What a campaign may name that says this so far."""
    with database().begin() as tx:
        return tx.follow(naming.known(said))


def look(by: Person, key: str) -> Look:
    """What somebody has to know before they launch a campaign.

    Raises:
        RefusedError: There is none.
    """
    now = database().now()
    with database().begin() as tx:
        try:
            at: Standing = tx.follow(orders.standing(key))
        except NotNowError as error:
            raise RefusedError(str(error)) from None
        return _look(Acting(tx, now, by), at)


def refuse(act: Acting, at: Standing) -> None:
    """Go on only if nothing but an approval stands in the way.

    Raises:
        RefusedError: Something does.
    """
    if found := without_approval(_look(act, at)):
        raise RefusedError(" ".join(each.said for each in found))


def _look(act: Acting, at: Standing) -> Look:
    one = at.campaign
    allowed = Permission.LAUNCH_CAMPAIGNS in access.within(act.by, one.team)
    try:
        body, there = _read(act, at)
    except DocumentError as error:
        return Look(one, allowed, tuple(map(str, error.faults)))
    lacks = pending(act, asking.ask(one, body, at.known, there))
    review = None if lacks is None else Review(lacks.able, lacks.since)
    found = hindrances.look(one, body, at.known, there)
    return replace(found, allowed=allowed, review=review)


def ask_of(act: Acting, at: Standing) -> Ask:
    """What a reviewer looks at, and what must not change after.

    Raises:
        CampaignError: It does not fit what there is.
    """
    body, there = _read(act, at)
    return asking.ask(at.campaign, body, at.known, there)


def _read(act: Acting, at: Standing) -> tuple[CampaignBody, Around]:
    """What a campaign says, and how what is around it stands; raises as `ask_of` does."""
    body = read(at.campaign.document, at.known, act.now)
    there = act.tx.follow(around(body.key, body.audience, condition_of, act.now))
    return body, there
