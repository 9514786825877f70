"""What a campaign would say to some of its audience, and to people at the edge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dashboard.data import database
from dashboard.reading.filling import Filled, Filler
from delivery.audiences import condition_of
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import stored
from delivery.campaigns.sampling import Sampled, messages, sampled, samples
from delivery.errors import Problem, RenderingError
from models.database import SyncTransaction
from models.queries.audiences import catalog as audiences, members
from models.queries.audiences.conditions import where
from models.queries.configuring import catalog, templates
from models.queries.routing import EVERYWHERE
from models.queries.sending.facts import profiles
from models.records import Campaign, TemplateVersion

_LOOKED_AT = 1000
"""Members of some buckets from whom a few are drawn: all of them where they are few."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample with what came of it: what it says, or what is wrong."""

    sample: Sampled
    filled: Filled | None
    problems: tuple[Problem, ...]


def of(one: Campaign) -> list[Sampled]:
    """The samples of a campaign as it stands; none where its topic is not there.

    Raises:
        AudienceError: Its audience is gone, or cannot be read.
        DatabaseError: Looking for its people takes too long.
    """
    body, now = stored(one.document), database().now()
    with database().begin() as tx:
        tx.run(members.bounded())
        topic = tx.run(catalog.topics()).get(body.topic)
        if topic is None:
            return []
        people = tx.run(profiles(sampled(body.key, _people(tx, body))))
        live = tx.run(templates.live())
        texts: dict[str, Sequence[TemplateVersion]] = {
            key: tx.run(templates.texts(key, live[key].version))
            for key in messages(body, topic)
            if key in live
        }
    ordered = [people[who] for who in sampled(body.key, people)]
    return list(samples(body, topic, texts, ordered, now))


def _people(tx: SyncTransaction, body: CampaignBody) -> list[str]:
    if body.audience is None:
        return list(body.recipients)
    who = where(condition_of(body.audience, tx.run(audiences.audiences())), database().now())
    some = tx.run(members.members(who, members.SAMPLE, None, _LOOKED_AT))
    some = some or tx.run(members.members(who, EVERYWHERE, None, _LOOKED_AT))
    return [one.recipient_id for one in some]


def drawn(found: Sequence[Sampled], filler: Filler) -> Iterator[Drawn]:
    """Each filled by the renderer that workers use; the first at the second try, if need be.

    The filler may have to be started, which counts as its time.
    """
    for number, one in enumerate(found):
        drawn = _drawn(one, filler)
        yield _drawn(one, filler) if number == 0 and drawn.problems else drawn


def _drawn(one: Sampled, filler: Filler) -> Drawn:
    try:
        return Drawn(one, filler.fill(one.version, one.context), ())
    except RenderingError as error:
        return Drawn(one, None, tuple(error.problems))
