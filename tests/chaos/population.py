"""Topics, recipients and what they are told: whom each event must reach, and whom it must not."""

from random import Random

from models.database import SyncDatabase
from models.ids import bucket_of
from models.queries.configuring import catalog, templates
from models.queries.planning.sources import OWN_SOURCE, add_source
from models.query import sql
from models.records import Class, Source, Step, TemplateVersion, Topic
from scheduler.runtime import token
from tests.chaos.faulty_mail import GONE
from tests.pipeline import MJML

RESENT, HELD, FED = "chaos.code", "chaos.order", "chaos.note"
"""Critical, sent again when in doubt; transactional, held then; transactional, mail and feed."""

PEOPLE = 2000
_SILENT = ("ghost", "mute")
"""Unknown; known without an address."""


def recipients(number: int, dice: Random) -> tuple[str, ...]:
    """Whom an event is for: mostly one, now and then three, or nobody we may write to."""
    rolled = dice.random()
    if rolled < 0.02:
        return (f"{dice.choice(_SILENT)}-{number % 10}",)
    if rolled < 0.03:
        return (f"{GONE}{number % 10}",)
    people = {dice.randrange(PEOPLE) for _ in range(3 if rolled < 0.1 else 1)}
    return tuple(f"r-{person}" for person in sorted(people))


def topic(dice: Random) -> str:
    """What it is about."""
    return dice.choices((RESENT, HELD, FED), (5, 4, 1))[0]


def plant(url: str, shop_url: str) -> None:
    """Write the catalog, everybody with an address, and the producer's outbox."""
    database = SyncDatabase.connect(url, "tidings chaos")
    now = database.now()
    words = TemplateVersion("chaos", 1, "email", "event {{ data.n }}", MJML.format("{{ data.n }}"))
    item = TemplateVersion("item", 1, "in_app", "event {{ data.n }}", "{{ data.n }}")
    mail, feed = Step("mail", "email", "chaos"), Step("feed", "in_app", "item")
    topics = (
        Topic(RESENT, "Code", "codes", Class.CRITICAL, (mail,)),
        Topic(HELD, "Order", "orders", Class.TRANSACTIONAL, (mail,)),
        Topic(FED, "Note", "notes", Class.TRANSACTIONAL, (mail, feed)),
    )
    with database.begin() as tx:
        tx.run(add_source(Source(OWN_SOURCE, "local", None), now))
        tx.run(add_source(Source(token(), "shop", shop_url), now))
        for version in (words, item):
            tx.follow(templates.save_version(version, version.template, "chaos", now))
        for each in topics:
            for statement in catalog.save_topic(each, now):
                tx.run(statement)
        people = [f"r-{n}" for n in range(PEOPLE)] + [f"{GONE}{n}" for n in range(10)]
        mute = [f"mute-{n}" for n in range(10)]
        tx.run(_know([*people, *mute]))
        tx.run(_reach(people))
    database.close()


def _know(people: list[str]):
    return sql(
        """INSERT INTO recipients (bucket, recipient_id, name, locale, timezone, attributes,
                                   created_at, updated_at)
           SELECT b, r, r, 'en', 'UTC', '{}', now(), now()
             FROM unnest(CAST(:buckets AS smallint[]), CAST(:people AS text[])) u (b, r)""",
        lambda answer: answer.rowcount,
        buckets=[bucket_of(who) for who in people],
        people=people,
    )


def _reach(people: list[str]):
    return sql(
        """INSERT INTO addresses (bucket, recipient_id, channel, address, preferred, created_at)
           SELECT b, r, 'email', r || '@d' || (b % 500) || '.example', true, now()
             FROM unnest(CAST(:buckets AS smallint[]), CAST(:people AS text[])) u (b, r)""",
        lambda answer: answer.rowcount,
        buckets=[bucket_of(who) for who in people],
        people=people,
    )
