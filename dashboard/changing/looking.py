"""What a launch of a campaign looks at: what there is, what stands in the way, what is asked."""

from collections.abc import Mapping
from typing import Any

from dashboard import access
from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError
from dashboard.changing.approving import pending
from dashboard.data import database
from delivery.audiences import condition_of
from delivery.blame import DocumentError
from delivery.campaigns import asking
from delivery.campaigns.basis import Basis, stale
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import Known, read
from delivery.campaigns.hindrances import Look, Review, holding, without_approval
from delivery.campaigns.launching import pinned
from models.people import Person
from models.queries.audiences import catalog as audiences
from models.queries.audiences.weighing import weighed
from models.queries.campaigns import campaigns, orders
from models.queries.campaigns.orders import NotNowError, Standing
from models.queries.configuring import catalog, controls, templates
from models.records import Ask


def known() -> Known:
    """What a campaign may name."""
    with database().begin() as tx:
        return Known(
            tx.run(catalog.topics()), tx.run(templates.live()),
            tx.run(templates.channels()), tx.run(audiences.in_force()),
        )  # fmt: skip


def known_at(at: Standing) -> Known:
    """The same, as it was read under the campaign's lock."""
    return Known(at.topics, at.live, at.channels, at.audiences)


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
        body = read(one.document, known_at(at), act.now)
        saved = None if body.audience is None else _counted(act, body.audience)
    except DocumentError as error:
        return Look(one, allowed, tuple(map(str, error.faults)))
    review = pending(act, _ask(at, body, saved))
    return Look(
        one, allowed,
        switches=holding(act.tx.run(controls.switches()), body, at.topics[body.topic]),
        members=saved.members if saved and body.schedule.recurring is None else None,
        forecast=_foretold(act, at, body, None if saved is None else saved.version),
        review=None if review is None else Review(review.able, review.since),
    )  # fmt: skip


def _foretold(
    act: Acting, at: Standing, body: CampaignBody, version: int | None
) -> Mapping[str, Any] | None:
    """The pre-flight of a campaign, where nothing that it was made of changed since."""
    found = act.tx.run(campaigns.forecast(at.campaign.key))
    said = pinned(body, at.topics[body.topic], at.live)
    now = Basis(at.campaign.revision, version, said)
    return None if found is None or any(stale(found, now)) else found


def ask_of(act: Acting, at: Standing) -> Ask:
    """What a reviewer looks at, and what must not change after.

    Raises:
        CampaignError: It does not fit what there is.
    """
    body = read(at.campaign.document, known_at(at), act.now)
    saved = None if body.audience is None else _counted(act, body.audience)
    return _ask(at, body, saved)


def _ask(at: Standing, body: CampaignBody, saved: asking.Saved | None) -> Ask:
    return asking.ask(at.campaign, body, known_at(at), saved)


def _counted(act: Acting, key: str) -> asking.Saved:
    """An audience with about how many belong now: who was counted long ago may be many more."""
    return asking.Saved(*act.tx.follow(weighed(key, condition_of, act.now)))
