"""What may be told in a story, and what it says: read once, never again."""

from datetime import timedelta

from models.connections import Connections
from models.database import Database
from models.queries.configuring import catalog, templates
from models.records import Class, Step, TemplateVersion, Topic
from scheduler.known.catalog import Shelf
from tests.pipeline import MJML
from tests.values import NOW

TOPICS = {
    "news": Topic("news", "News", "news", Class.TRANSACTIONAL, (
        Step("in_app", "in_app", "item"), Step("email", "email", "mail"),
    ), same_content=timedelta()),
    "held": Topic("held", "Held", "news", Class.TRANSACTIONAL, (Step("email", "email", "mail"),),
                  on_doubt="hold", same_content=timedelta()),
    "code": Topic("code", "Code", "news", Class.CRITICAL, (Step("email", "email", "mail"),),
                  on_doubt="resend"),
}  # fmt: skip
VERSIONS = (
    TemplateVersion("mail", 1, "email", "{{ data.board }}", MJML.format("{{ data.board }}")),
    TemplateVersion("item", 1, "in_app", "{{ data.board }}", "{{ recipient.name }}"),
)


async def prepare(lent: Connections) -> Shelf:
    """Topics and templates; the configuration, never read again."""
    database = Database(lent)
    async with database.begin() as tx:
        for version in VERSIONS:
            await tx.follow(templates.save_version(version, version.template, "ada", NOW))
        for topic in TOPICS.values():
            for query in catalog.save_topic(topic, NOW):
                await tx.run(query)
    shelf = Shelf()
    await shelf.reread(database)
    shelf._read_at = float("inf")
    for version in VERSIONS:
        await shelf.template(database, version.template)
    return shelf
