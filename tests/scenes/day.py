"""A plausible day for the console to show: every state, every reason, two recipients we know."""

import math
from dataclasses import replace
from datetime import timedelta
from itertools import cycle, islice
from json import dumps
from pathlib import Path

from dashboard.showing import examples
from delivery.rendering.fill import fill, prepare
from models.database import SyncDatabase
from models.queries.configuring import catalog, templates
from models.records import Class, Step, TemplateVersion, Topic
from scheduler import samples
from tests.factories import Made, Rows, packed, rows

DATA = {
    "actor": "Mark",
    "board": "Roadmap",
    "url": "https://example.com/boards/42",
    "cards": [
        {"title": "Pricing page", "state": "in review"},
        {"title": "Import", "state": "done"},
    ],
}
BOARD = Topic(
    key="board.shared",
    title="A board was shared with you",
    category="boards",
    klass=Class.TRANSACTIONAL,
    steps=(Step("in_app", "in_app", "edit-saved"), Step("email", "email", "board-shared")),
    schema=dumps({"type": "object", "required": ["board"], "examples": [DATA]}),
)
SHARED = TemplateVersion(
    template="board-shared",
    version=3,
    channel="email",
    subject="{{ data.actor }} shared {{ data.board }} with you",
    preheader="{{ data.cards | length }} cards are waiting for you",
    source=(Path(__file__).parent / "board-shared.mjml").read_text(),
)
CODE = Topic(
    key="login.code",
    title="Your login code",
    category="security",
    klass=Class.CRITICAL,
    steps=(Step("email", "email", "board-shared"),),
    mandatory=True,
    sensitive=True,
)
PEOPLE = ("anna", "bo", "carla", "dmitri", "elif", "farid", "grace", "hugo", "ines", "jörg")
PAGES = ("Great Wave off Kanagawa", "Hedy Lamarr", "Ada Lovelace", "Baltic Sea", "Tidal power")

KEPT = ["actor", "keep", ""], ["template", "keep", ""]
DUE = ["expiry", "keep", ""], ["recipient", "keep", ""], ["consent", "keep", ""]
FINE = {"plan": KEPT, "gate": [*DUE, ["address", "keep", ""], ["sandbox", "keep", ""]]}
OPTED_OUT = {"plan": KEPT, "gate": [*DUE[:2], ["consent", "skip:opted_out", "watched-pages"]]}
REFUSED = "550 5.1.1 <hugo@example.net>: Recipient address rejected: User unknown"


def play(url: str) -> Made:
    """Fill a migrated database.

    Returns:
        A mail that was sent, with an attempt and its content.
    """
    database = SyncDatabase.connect(url, "tests")
    try:
        samples.plant(database, people=False)
        now = database.now()
        with database.begin() as tx:
            for version in range(1, SHARED.version + 1):
                saved = replace(SHARED, version=version)
                tx.follow(templates.save_version(saved, "Board shared", "ada", now))
            for topic in (BOARD, CODE):
                for statement in catalog.save_topic(topic, now):
                    tx.run(statement)
    finally:
        database.close()
    with rows(url) as make:
        _people(make)
        _counts(make)
        _queue(make)
        _refused(make)
        sent = _history(make)
        make.worker()
    return sent


def _people(make: Rows) -> None:
    for person in PEOPLE[:6]:
        make.recipient(person, org="Wikimedia" if person == "anna" else None)
        make.address(person, f"{person}@example.com")
    make.recipient("hugo", timezone=None, locale=None)
    reason = "address_refused"
    make.address("hugo", "hugo@example.net", suppressed_for=reason)
    make.suppression("hugo@example.net", reason, "bounce")
    make.preference("bo", "watched-pages", allowed=False)
    make.preference("anna", "edits", allowed=True)


def _counts(make: Rows) -> None:
    for number in range(24 * 30):
        ago = timedelta(minutes=number if number < 90 else 2 * number - 90)
        tide = 1.15 + math.sin(number / 57) + 0.18 * math.sin(number * 1.7)
        mails, items = int(34 * tide), int(21 * tide)
        make.moves("sent", mails, ago)
        make.moves("delivered", int(mails * 0.9), ago)
        make.moves("sent", items, ago, channel="in_app", provider="", destination="")
        make.moves("scheduled", mails, ago, left=mails + (number % 5) - 2)
        for bin_, share in ((28, 0.2), (30, 0.45), (33, 0.25), (37, 0.08), (43, 0.02)):
            make.speed(bin_ + number % 3, max(int(mails * share), 1), ago)
        if number % 7 == 0:
            make.moves("skipped", 3 + number % 4, ago, reason="opted_out")
            make.moves("bounced", 1, ago, reason="address_refused")
        if number % 19 == 0:
            make.moves("skipped", 2, ago, reason="no_address")
            make.moves("failed", 1, ago, reason="rendering")
        if number % 60 == 0:
            make.moves("in_doubt", 1, ago, reason="no_answer")


def _queue(make: Rows) -> None:
    holds = ("not_before", "backoff", "backoff", "previous_step", "not_before")
    for number, (hold, person) in enumerate(zip(cycle(holds), PEOPLE * 6, strict=False)):
        due = make.now + timedelta(minutes=13 * number + 4)
        ago = timedelta(minutes=number)
        make.delivery(person, state="scheduled", ago=ago, held_for=hold, due_at=due, trace=FINE)
    for number, person in enumerate(PEOPLE[:3]):
        due = make.now - timedelta(seconds=2 + number)
        make.delivery(person, state="scheduled", ago=timedelta(seconds=9), due_at=due, trace=FINE)


def _refused(make: Rows) -> None:
    detail = "There is no topic 'page.edit'."
    none = {"recipients": ["anna"], "data": {"page": "Great Wave"}}
    make.event(
        "page.edit", timedelta(minutes=7), state="rejected", reason="unknown_topic",
        detail=detail, **none,
    )  # fmt: skip
    detail = "data must contain ['page'] properties."
    make.event(
        "page.edited", timedelta(minutes=31), state="rejected", reason="bad_data", detail=detail,
        recipients=["bo"], data={"pages": 3},
    )  # fmt: skip


def _history(make: Rows) -> Made:
    kinds = ("sent", "delivered", "feed", "delivered", "skipped", "sent", "feed", "bounced")
    for number, (kind, person) in enumerate(zip(islice(cycle(kinds), 90), cycle(PEOPLE))):
        ago = timedelta(minutes=6 * number + 3, seconds=number * 7 % 60)
        _one(make, kind, person, ago)
    make.delivery("grace", state="failed", ago=timedelta(minutes=2), reason="rendering",
                  detail="line 12: 'data.wiki' is missing", trace=FINE)  # fmt: skip
    _doubtful(make)
    make.delivery("carla", topic="login.code", klass="critical", ago=timedelta(minutes=5),
                  trace=FINE, template="board-shared", template_version=1)  # fmt: skip
    return _sent(make)


def _one(make: Rows, kind: str, person: str, ago: timedelta) -> None:
    match kind:
        case "feed":
            item = make.delivery(person, "in_app", "sent", ago, trace=FINE)
            title = f"mark edited {PAGES[item.bucket % len(PAGES)]}"
            seq = 10_000 - int(ago.total_seconds() / 60)
            make.item(item, title, "added a source", seq)
        case "skipped":
            make.delivery(person, state=kind, ago=ago, reason="opted_out", trace=OPTED_OUT)
        case "bounced":
            made = make.delivery(person, state=kind, ago=ago, reason="address_refused",
                                 response=REFUSED, trace=FINE)  # fmt: skip
            make.attempt(made, outcome="bounced", code=550, enhanced="5.1.1", response=REFUSED)
        case _:
            make.attempt(make.delivery(person, state=kind, ago=ago, trace=FINE))


def _doubtful(make: Rows) -> None:
    ago = timedelta(minutes=4)
    doubt = make.delivery("dmitri", state="in_doubt", ago=ago, reason="no_answer", trace=FINE)
    make.attempt(doubt, outcome="in_doubt", code=None, response=None, reason="no_answer")


def _sent(make: Rows) -> Made:
    context = examples.context(DATA, BOARD)
    said = {"actor": "mark", "thread": "board:42", "tags": ["boards"]}
    event = make.event(BOARD.key, data=DATA, dedup_key="share:1138", duplicates=1, **said)
    sent = make.delivery(
        "anna", "email", "delivered", event=event, trace=FINE, topic=BOARD.key,
        template=SHARED.template, template_version=SHARED.version, context=packed(context),
        content_hash=fill(prepare(SHARED), context).digest(), account="local", provider="smtp",
        address="anna@example.com", message_id="0193@localhost", response="250 2.0.0 Ok",
    )  # fmt: skip
    make.attempt(sent, 1, "scheduled", code=451, enhanced="4.7.1", response="Greylisted")
    make.attempt(sent, 2, enhanced="2.0.0", response="Ok: queued as 4f")
    make.reaction(sent, "delivered", occurred_at=make.now + timedelta(seconds=1))
    return sent
