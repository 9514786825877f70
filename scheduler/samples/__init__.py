"""Topics, templates and two recipients to begin with: what a fresh installation can send."""

import json
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import chain

from delivery.rendering.compile import compile_mjml
from models.database import SyncDatabase
from models.queries.configuring import catalog, templates as stored
from models.queries.people import recipients
from models.queries.people.categories import categories, save_category
from models.records import (
    Category,
    Class,
    Digest,
    DigestKind,
    Step,
    TemplateVersion,
    Topic,
)

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

_BOARD = {
    "type": "object",
    "properties": {
        "board": {"type": "string", "minLength": 1},
        "actor": {"type": "string"},
        "url": {"type": "string"},
    },
    "required": ["board"],
    "examples": [{"board": "Roadmap", "actor": "Mark", "url": "https://boards.example/42"}],
}

CATEGORIES = (
    Category("sharing", "Boards shared with you", "When somebody lets you in.", 1),
    Category("watched-pages", "Pages you edited", "When somebody edits them after you.", 2),
    Category("edits", "Your own edits", "When one of them was saved.", 3),
)

TOPICS = (
    Topic(
        key="board.shared",
        title="A board was shared with you",
        category="sharing",
        klass=Class.TRANSACTIONAL,
        steps=(
            Step("in_app", "in_app", "board-shared-feed"),
            Step("email", "email", "board-shared"),
        ),
        schema=json.dumps(_BOARD),
        digest=Digest(
            DigestKind.DEBOUNCE,
            ("email",),
            ("actor", "data.actor"),
            timedelta(minutes=10),
            timedelta(hours=6),
        ),
    ),
    Topic(
        key="board.unshared",
        title="A board is not shared with you any more",
        category="sharing",
        klass=Class.TRANSACTIONAL,
        steps=(),
        schema=json.dumps(_BOARD),
        cancels=("board.shared",),
    ),
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


def _mjml(name: str) -> str:
    return (files(__package__) / f"{name}.mjml").read_text(encoding="utf-8")


_BOARD_SHARED, _PAGE_EDITED = _mjml("board-shared"), _mjml("page-edited")
_SHARER = "{{ data.actor | default(event.actor or 'Somebody', true) }}"
_OTHERS = (
    "{% if others %} and {{ others }} other {{ others | plural('board', 'boards') }}{% endif %}"
)

TEMPLATES = (
    (
        "Board shared (feed)",
        TemplateVersion(
            template="board-shared-feed",
            version=1,
            channel="in_app",
            subject=f"{_SHARER} shared {{{{ data.board }}}} with you",
            source="You can open it, comment on it and invite others.",
            url="{{ data.url | default('') }}",
        ),
    ),
    (
        "Board shared (mail)",
        TemplateVersion(
            template="board-shared",
            version=1,
            channel="email",
            subject=f"{_SHARER} shared '{{{{ items[0].data.board }}}}'{_OTHERS} with you",
            preheader="{% if others %}You can open them, comment on them and invite others."
            "{% else %}You can open it, comment on it and invite others.{% endif %}",
            source=_BOARD_SHARED,
            compiled=compile_mjml(_BOARD_SHARED),
        ),
    ),
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
            preheader="{{ data.comment | default('You edited this page before.', true) }}",
            source=_PAGE_EDITED,
            compiled=compile_mjml(_PAGE_EDITED),
        ),
    ),
)


PEOPLE = {
    "anna": {"name": "Anna", "locale": "en", "timezone": "Europe/Paris"},
    "bo": {"name": "Bo", "locale": "en", "timezone": "America/New_York"},
}


def plant(database: SyncDatabase, *, people: bool) -> bool:
    """Plant the samples in an empty catalog.

    Args:
        database: A migrated one.
        people: Two recipients to try it on, too.

    Returns:
        Whether the samples were planted: false on every later start.
    """
    now = database.now()
    with database.begin() as tx:
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
    """Write the samples that are missing; twice is as good as once."""
    with database.begin() as tx:
        topics, live = tx.run(catalog.topics()), tx.run(stored.live())
        described = tx.run(categories())
        for title, version in TEMPLATES:
            if version.template not in live:
                tx.follow(stored.save_version(version, title, "samples", now))
        statements = [
            *(catalog.save_topic(topic, now) for topic in TOPICS if topic.key not in topics),
        ]
        for statement in chain.from_iterable(statements):
            tx.run(statement)
        for category in CATEGORIES:
            if category.key not in described:
                tx.run(save_category(category, now))
