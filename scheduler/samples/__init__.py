"""Topics, templates and two recipients to begin with: what a fresh installation can send."""

import json
from datetime import datetime
from importlib.resources import files

from delivery.rendering.compile import compile_mjml
from models.database import SyncDatabase
from models.queries import catalog, recipients
from models.queries.catalog import OWN_SOURCE
from models.records import Class, Source, Step, TemplateVersion, Topic

_EDIT = {
    "type": "object",
    "properties": {
        "page": {"type": "string", "minLength": 1},
        "wiki": {"type": "string"},
        "comment": {"type": "string"},
        "delta": {"type": "integer"},
        "url": {"type": "string"},
    },
    "required": ["page"],
    "examples": [
        {
            "page": "Great Wave off Kanagawa",
            "wiki": "en.wikipedia",
            "comment": "added a source",
            "delta": 128,
            "url": "https://en.wikipedia.org/wiki/Great_Wave_off_Kanagawa",
        }
    ],
}

TOPICS = (
    Topic(
        key="edit.saved",
        title="Your edit was saved",
        category="edits",
        klass=Class.TRANSACTIONAL,
        steps=(Step("in_app", "in_app", "edit-saved"),),
        schema=json.dumps(_EDIT),
    ),
    Topic(
        key="page.edited",
        title="A page you edited was edited again",
        category="watched-pages",
        klass=Class.TRANSACTIONAL,
        steps=(
            Step("in_app", "in_app", "page-edited-feed"),
            Step("email", "email", "page-edited"),
        ),
        schema=json.dumps(_EDIT),
    ),
)

_MJML = (files(__package__) / "page-edited.mjml").read_text(encoding="utf-8")

TEMPLATES = (
    (
        "Your edit was saved",
        TemplateVersion(
            template="edit-saved",
            version=1,
            channel="in_app",
            subject="Your edit of {{ data.page }} was saved",
            source="{{ data.comment | default('No summary was given.', true) }}",
            url="{{ data.url | default('') }}",
        ),
    ),
    (
        "Page edited again (feed)",
        TemplateVersion(
            template="page-edited-feed",
            version=1,
            channel="in_app",
            subject="{{ event.actor or 'Somebody' }} edited {{ data.page }}",
            source="{{ data.comment | default('No summary was given.', true) }}",
            url="{{ data.url | default('') }}",
        ),
    ),
    (
        "Page edited again (mail)",
        TemplateVersion(
            template="page-edited",
            version=1,
            channel="email",
            subject="{{ event.actor or 'Somebody' }} edited {{ data.page }}",
            preheader="{{ data.comment | default('A page you edited before was edited again.', true) }}",
            source=_MJML,
            compiled=compile_mjml(_MJML),
        ),
    ),
)


PEOPLE = {
    "anna": {"name": "Anna", "locale": "en", "timezone": "Europe/Paris"},
    "bo": {"name": "Bo", "locale": "en", "timezone": "America/New_York"},
}


def plant(database: SyncDatabase, *, people: bool) -> bool:
    """Make our own source known and, in an empty catalog, plant the samples.

    Args:
        database: A migrated one.
        people: Two recipients to try it on, too.

    Returns:
        Whether the samples were planted: false on every later start.
    """
    now = database.now()
    with database.begin() as tx:
        tx.run(catalog.add_source(Source(OWN_SOURCE, "local", None), now))
        if tx.run(catalog.topics()):
            return False
    plant_catalog(database, now)
    if people:
        with database.begin() as tx:
            for recipient, profile in PEOPLE.items():
                address = {"channel": "email", "address": f"{recipient}@example.com"}
                tx.run(recipients.write_change(recipient, {**profile, "addresses": [address]}))
    return True


def plant_catalog(database: SyncDatabase, now: datetime) -> None:
    """Write the sample topics and templates; twice is as good as once."""
    with database.begin() as tx:
        for title, version in TEMPLATES:
            for statement in catalog.save_version(version, title, "samples", now):
                tx.run(statement)
        for topic in TOPICS:
            for statement in catalog.save_topic(topic, now):
                tx.run(statement)
