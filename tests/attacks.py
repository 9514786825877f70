"""Who may do what, written out by hand from docs/people.md: each action and how it is called.

A new action of the console needs a line in `MAY`, which says who may, and one in `CALLS`, which
calls it with what would be accepted of somebody who may. What is acted on belongs to the
team `boards`, wherever an action knows teams.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import import_module
from inspect import isfunction, signature
from io import BytesIO
from pkgutil import iter_modules
from typing import Any
from uuid import UUID

from dashboard import actions, changing
from dashboard.changing import (
    archiving,
    audiences,
    beginning,
    bringing,
    campaigning,
    deciding,
    drafting,
    enacting,
    filing,
    inviting,
    keys,
    leaving,
    personas,
    publishing,
    repute,
    ruling,
    sessions,
    signing,
    stops,
    subjects,
    switching,
    teams,
    trials,
    wishes,
)
from dashboard.changing.keys import Scope
from dashboard.changing.teams import Owned
from dashboard.data import Selection, Wanted
from dashboard.reading.filling import Filler
from delivery.rulebook.writing import as_toml
from delivery.templates.gallery import starters
from delivery.topics import as_document
from models.ids import delivery_id, event_id
from models.people import Person, Role
from models.queries.planning.sources import OWN_SOURCE
from models.readings.held import HeldLine
from models.records import (
    Algorithm,
    Approval,
    Choice,
    Class,
    Decision,
    Persona,
    Place,
    Step,
    Suppression,
    TemplateDraft,
    TemplateHead,
    Topic,
    Words,
)
from models.states import Resolution

ACTORS: Mapping[str, tuple[set[str], dict[str, set[str]]]] = {
    "viewer": ({"viewer"}, {}),
    "author": ({"author"}, {}),
    "approver": ({"approver"}, {}),
    "operator": ({"operator"}, {}),
    "engineer": ({"engineer"}, {}),
    "support": ({"support"}, {}),
    "admin": ({"admin"}, {}),
    "viewer of boards": (set(), {"boards": {"viewer"}}),
    "author of boards": (set(), {"boards": {"author"}}),
    "approver of boards": (set(), {"boards": {"approver"}}),
    "operator of boards": (set(), {"boards": {"operator"}}),
    "engineer of boards": (set(), {"boards": {"engineer"}}),
    "support of boards": (set(), {"boards": {"support"}}),
    "admin of boards": (set(), {"boards": {"admin"}}),
    "admin of billing": ({"viewer"}, {"billing": {"admin"}}),
    "without a role": (set(), {}),
}
"""Everybody who tries: the roles they have everywhere, and those they have in teams. A closed
admin and somebody whom nobody knows try too, and may nothing."""

ADMIN = {"admin"}
OPERATE = {"operator", "admin"}
GATHER = {"author", "admin", "author of boards", "admin of boards"}
APPROVE = {"approver", "admin", "approver of boards", "admin of boards"}
SIGN = {"operator", "engineer", "admin"}
WRITE = {
    "author", "engineer", "admin", "author of boards", "engineer of boards", "admin of boards",
}  # fmt: skip
IN_BOARDS = {
    "viewer of boards", "author of boards", "approver of boards", "operator of boards",
    "engineer of boards", "support of boards", "admin of boards",
}  # fmt: skip
CAMPAIGNS = {"author", "admin", "author of boards", "admin of boards"}
STOP_CAMPAIGNS = CAMPAIGNS | {"operator", "operator of boards"}
ANYBODY = {
    "viewer", "author", "approver", "operator", "engineer", "support", "admin", "admin of billing",
} | IN_BOARDS  # fmt: skip

MAY: Mapping[str, set[str]] = {
    "actions.set_roles": ADMIN,
    "actions.set_active": ADMIN,
    "actions.make_link": ADMIN,
    "actions.resolve": OPERATE,
    "actions.send_again": OPERATE,
    "actions.order_all": OPERATE,
    "archiving.archive": WRITE,
    "archiving.restore": WRITE,
    "audiences.ask": GATHER,
    "audiences.go_back": GATHER,
    "audiences.remove": GATHER,
    "audiences.save": GATHER,
    "beginning.create": WRITE,
    "beginning.from_starter": WRITE,
    "bringing.ask": GATHER,
    "bringing.bring_in": GATHER,
    "campaigning.ask": CAMPAIGNS,
    "campaigning.cancel": STOP_CAMPAIGNS,
    "campaigning.clone": CAMPAIGNS,
    "campaigning.foretell": CAMPAIGNS,
    "campaigning.launch": CAMPAIGNS,
    "campaigning.pause": STOP_CAMPAIGNS,
    "campaigning.resume": STOP_CAMPAIGNS,
    "campaigning.save": CAMPAIGNS,
    "campaigning.stop_foretelling": CAMPAIGNS,
    "campaigning.undo": CAMPAIGNS,
    "deciding.comment": APPROVE,
    "deciding.decide": APPROVE,
    "deciding.withdraw": ANYBODY,
    "drafting.discard": WRITE,
    "drafting.rename": WRITE,
    "drafting.save": WRITE,
    "drafting.take_back": WRITE,
    "drafting.translate": WRITE,
    "enacting.enact": OPERATE,
    "filing.add": CAMPAIGNS,
    "filing.remove": CAMPAIGNS,
    "inviting.invite": ADMIN,
    "inviting.invite_again": ADMIN,
    "keys.make": {"engineer", "admin"},
    "keys.revoke": {"engineer", "admin"},
    "keys.rotate": {"engineer", "admin"},
    "leaving.document": {"engineer", "admin"},
    "leaving.erase": ADMIN,
    "personas.forget": WRITE,
    "personas.save": WRITE,
    "publishing.ask": WRITE,
    "publishing.ask_to_take_out": WRITE,
    "publishing.publish": WRITE,
    "publishing.take_out": WRITE,
    "repute.hold": OPERATE,
    "repute.lift": OPERATE,
    "ruling.RULES.ask": OPERATE,
    "ruling.RULES.publish": OPERATE,
    "ruling.THRESHOLDS.ask": ADMIN,
    "ruling.THRESHOLDS.publish": ADMIN,
    "ruling.release": OPERATE,
    "sessions.sign_out_everywhere": ADMIN,
    "sessions.unlock": ADMIN,
    "signing.look_again": SIGN,
    "signing.add": SIGN,
    "signing.rotate": SIGN,
    "signing.let_sign": SIGN,
    "signing.retire": SIGN,
    "stops.exporting": ANYBODY,
    "stops.take_in": OPERATE,
    "subjects.ask": WRITE,
    "subjects.save": WRITE,
    "subjects.try_out": WRITE,
    "switching.ask_to_lift": OPERATE,
    "switching.ask_to_set": OPERATE,
    "switching.lift": OPERATE,
    "switching.set_": OPERATE,
    "teams.make": ADMIN,
    "teams.rename": ADMIN,
    "teams.remove": ADMIN,
    "teams.set_roles": ADMIN | {"admin of boards"},
    "teams.give": {"author", "engineer", "admin"},
    "trials.send": WRITE,
    "wishes.choose": OPERATE,
    "wishes.leave_alone": OPERATE,
    "wishes.suppress": OPERATE,
    "wishes.lift": OPERATE,
}

SUPPORT = {"support", "support of boards"}
AUDITORS = {"approver", "operator", "engineer", "admin"}
ROUTES: Mapping[str, set[str]] = {
    "/export/suppressions.csv": ANYBODY,
    "/export/audit.csv": AUDITORS,
    "/export/audit.jsonl": AUDITORS,
    "/export/campaign.csv": ANYBODY - SUPPORT,
    "/export/campaign.parquet": ANYBODY - SUPPORT,
    "/export/campaigns.csv": ANYBODY - SUPPORT,
    "/export/campaigns.parquet": ANYBODY - SUPPORT,
    "/export/people.csv": {"admin"},
    "/export/people.parquet": {"admin"},
    "/export/keys.csv": {"engineer", "admin"},
    "/export/keys.parquet": {"engineer", "admin"},
    "/export/members.csv": ANYBODY - SUPPORT,
    "/export/members.parquet": ANYBODY - SUPPORT,
    "/export/deliveries.csv": ANYBODY,
    "/export/deliveries.parquet": ANYBODY,
}
"""What is not a page and shows data: who gets it. Somebody without a role gets nothing."""


REPORTED = "?campaign=boards-news&table=funnel"
READERS = "readers"
"""An audience of the installation."""
ASKED = {
    "/export/campaign.csv": REPORTED,
    "/export/campaign.parquet": REPORTED,
    "/export/members.csv": f"?audience={READERS}",
    "/export/members.parquet": f"?audience={READERS}",
}
"""What a route has to be asked for; those that are not named need nothing."""


@dataclass(frozen=True, slots=True)
class World:
    """What is acted on.

    Attributes:
        target: Somebody with no role.
        asked: What they asked for, of the team `boards`.
    """

    target: Person
    asked: Approval
    now: datetime


TOPIC = Topic(
    "boards.shared", "A board was shared", "sharing", Class.TRANSACTIONAL,
    (Step("in_app", "in_app", None),),
)  # fmt: skip
TEMPLATE = AUDIENCE = "boards-shared"
_UNREADABLE = audiences.Draft("", 0, "why")
CAMPAIGN = "boards-news"
NEWS = {
    "key": CAMPAIGN, "title": "News", "topic": TOPIC.key, "team": "boards", "recipients": ["zoe"],
}  # fmt: skip
_HEAD = TemplateHead("boards-new", "New", "in_app", locale="en")
_GONE = delivery_id(event_id(OWN_SOURCE, UUID(int=1), date(2026, 1, 1)), "zoe", "email", "email")
_PLACE = Place("email", "zoe@example.com")
_SUPPRESSION = Suppression("email", "zoe@example.com", "manual", "a test")
_HELD = HeldLine("not_before", "boards.shared", "email", 1, None, None)
_SWITCH = "topic:boards.shared"
_TRIAL = trials.Wanted(TEMPLATE, "en", "page.edited: example 1", "zoe@example.com", UUID(int=2))
_KEYS = {Algorithm.ED25519}


def _save(by: UUID) -> None:
    base = as_document(TOPIC)
    subjects.save(by, as_toml({**base, "title": f"As {by} calls it"}), base)


def _upload() -> bringing.Upload:
    return bringing.Upload(BytesIO(b"nobody\n"), "people.csv", lambda *_: None)


def _draft(world: World) -> TemplateDraft:
    """What is stale, also where somebody may."""
    return TemplateDraft(TEMPLATE, "en", Words("Hello", "Hello"), 99, None, world.now, "")


def _selected(world: World) -> Selection:
    return Selection(Wanted(states=frozenset({"failed"})), world.now)


CALLS: Mapping[str, Callable[[UUID, World], Any]] = {
    "actions.set_roles": lambda by, w: actions.set_roles(by, w.target, [Role.VIEWER]),
    "actions.set_active": lambda by, w: actions.set_active(by, w.target, active=True),
    "actions.make_link": lambda by, w: actions.make_link(by, w.target),
    "actions.resolve": lambda by, _: actions.resolve(by, _GONE, Resolution.SENT),
    "actions.send_again": lambda by, _: actions.send_again(by, _GONE),
    "actions.order_all": lambda by, w: actions.order_all(by, _selected(w), Resolution.AGAIN),
    "archiving.archive": lambda by, _: archiving.archive(by, TEMPLATE),
    "archiving.restore": lambda by, _: archiving.restore(by, TEMPLATE),
    "audiences.ask": lambda by, _: audiences.ask(by, AUDIENCE, _UNREADABLE),
    "audiences.go_back": lambda by, _: audiences.go_back(by, AUDIENCE, 99),
    "audiences.remove": lambda by, _: audiences.remove(by, AUDIENCE),
    "audiences.save": lambda by, _: audiences.save(by, AUDIENCE, _UNREADABLE),
    "beginning.create": lambda by, _: beginning.create(by, _HEAD, Words("A", "B"), "boards"),
    "beginning.from_starter": lambda by, _: beginning.from_starter(
        by, _HEAD, starters()[0], "boards"
    ),
    "bringing.ask": lambda by, _: bringing.ask(by, AUDIENCE, "", _upload()),
    "bringing.bring_in": lambda by, _: bringing.bring_in(by, AUDIENCE, "", _upload()),
    "campaigning.ask": lambda by, _: campaigning.ask(by, CAMPAIGN, "why"),
    "campaigning.cancel": lambda by, _: campaigning.cancel(by, CAMPAIGN, "why"),
    "campaigning.clone": lambda by, _: campaigning.clone(by, CAMPAIGN),
    "campaigning.foretell": lambda by, _: campaigning.foretell(by, CAMPAIGN),
    "campaigning.launch": lambda by, _: campaigning.launch(by, CAMPAIGN),
    "campaigning.pause": lambda by, _: campaigning.pause(by, CAMPAIGN, "why"),
    "campaigning.resume": lambda by, _: campaigning.resume(by, CAMPAIGN),
    "campaigning.save": lambda by, _: campaigning.save(by, NEWS, 99),
    "campaigning.stop_foretelling": lambda by, _: campaigning.stop_foretelling(by, CAMPAIGN),
    "campaigning.undo": lambda by, _: campaigning.undo(by, CAMPAIGN),
    "deciding.comment": lambda by, w: deciding.comment(by, w.asked.approval, "why"),
    "deciding.decide": lambda by, w: deciding.decide(
        by, w.asked.approval, Decision.APPROVED, "fine"
    ),
    "deciding.withdraw": lambda by, w: deciding.withdraw(by, w.asked.approval),
    "drafting.discard": lambda by, w: drafting.discard(by, _draft(w)),
    "drafting.rename": lambda by, _: drafting.rename(by, TEMPLATE, "Boards"),
    "drafting.save": lambda by, w: drafting.save(by, _draft(w)),
    "drafting.take_back": lambda by, _: drafting.take_back(by, TEMPLATE, 99),
    "drafting.translate": lambda by, _: drafting.translate(by, TEMPLATE, "de"),
    "enacting.enact": lambda by, w: enacting.enact(by, w.asked),
    "filing.add": lambda by, _: filing.add(by, "boards", "terms", "terms.pdf", b"%PDF"),
    "filing.remove": lambda by, _: filing.remove(by, "boards", "none"),
    "inviting.invite": lambda by, _: inviting.invite(by, f"{by}@b.example", "A", []),
    "inviting.invite_again": lambda by, w: inviting.invite_again(by, w.target.email),
    "keys.make": lambda by, _: keys.make(by, "shop", "shop", [Scope.EVENTS_WRITE], None),
    "keys.revoke": lambda by, _: keys.revoke(by, _GONE),
    "keys.rotate": lambda by, _: keys.rotate(by, _GONE, timedelta()),
    "leaving.document": lambda by, _: leaving.document(by, "zoe"),
    "leaving.erase": lambda by, _: leaving.erase(by, "zoe", "zoe", "She asked for it"),
    "personas.forget": lambda by, _: personas.forget(by, TEMPLATE, "Zoe"),
    "personas.save": lambda by, _: personas.save(by, Persona(TEMPLATE, "Zoe", {"id": "zoe"}, {})),
    "publishing.ask": lambda by, _: publishing.ask(by, TEMPLATE, {}, (), "why"),
    "publishing.ask_to_take_out": lambda by, _: publishing.ask_to_take_out(
        by, TEMPLATE, "de", "why"
    ),
    "publishing.publish": lambda by, _: publishing.publish(by, TEMPLATE, {}, ()),
    "publishing.take_out": lambda by, _: publishing.take_out(by, TEMPLATE, "de", "why"),
    "repute.hold": lambda by, _: repute.hold(by, "topic:boards.shared", "why"),
    "repute.lift": lambda by, _: repute.lift(by, "topic:boards.shared", "why"),
    "ruling.RULES.ask": lambda by, _: ruling.RULES.ask(by, "", "why", 99),
    "ruling.RULES.publish": lambda by, _: ruling.RULES.publish(by, "", "why", 99),
    "ruling.THRESHOLDS.ask": lambda by, _: ruling.THRESHOLDS.ask(by, "", "why", 99),
    "ruling.THRESHOLDS.publish": lambda by, _: ruling.THRESHOLDS.publish(by, "", "why", 99),
    "ruling.release": lambda by, _: ruling.release(by, _HELD),
    "sessions.sign_out_everywhere": lambda by, w: sessions.sign_out_everywhere(by, w.target),
    "sessions.unlock": lambda by, w: sessions.unlock(by, w.target),
    "signing.look_again": lambda by, _: signing.look_again(by, "a.example"),
    "signing.add": lambda by, _: signing.add(by, "a.example", _KEYS),
    "signing.rotate": lambda by, _: signing.rotate(by, "a.example", _KEYS, "why"),
    "signing.let_sign": lambda by, _: signing.let_sign(by, "a.example", "s1", "why"),
    "signing.retire": lambda by, _: signing.retire(by, "b.example", "why"),
    "stops.exporting": lambda by, _: stops.exporting(by, {}),
    "stops.take_in": lambda by, _: stops.take_in(by, [_SUPPRESSION], "a.csv"),
    "subjects.ask": lambda by, _: subjects.ask(by, as_toml(as_document(TOPIC)), None, "boards", ""),
    "subjects.save": lambda by, _: _save(by),
    "subjects.try_out": lambda by, _: subjects.try_out(by, "boards.shared", "zoe", "{}", by),
    "switching.ask_to_lift": lambda by, _: switching.ask_to_lift(by, _SWITCH, "why"),
    "switching.ask_to_set": lambda by, _: switching.ask_to_set(by, _SWITCH, "why"),
    "switching.lift": lambda by, _: switching.lift(by, _SWITCH),
    "switching.set_": lambda by, _: switching.set_(by, _SWITCH, "why"),
    "teams.make": lambda by, _: teams.make(by, "boards", "Boards"),
    "teams.rename": lambda by, _: teams.rename(by, "boards", "Boards"),
    "teams.remove": lambda by, _: teams.remove(by, "boards"),
    "teams.set_roles": lambda by, w: teams.set_roles(by, w.target.person, "boards", []),
    "teams.give": lambda by, _: teams.give(by, Owned.TOPIC, "boards.shared", "elsewhere"),
    "trials.send": lambda by, _: trials.send(by, _TRIAL, Filler()),
    "wishes.choose": lambda by, _: wishes.choose(by, Choice("zoe", "x", "email", None)),
    "wishes.leave_alone": lambda by, _: wishes.leave_alone(by, "zoe", None),
    "wishes.suppress": lambda by, _: wishes.suppress(by, _PLACE, "why", None),
    "wishes.lift": lambda by, _: wishes.lift(by, _PLACE, "why"),
}


def actions_there_are() -> Iterator[str]:
    """Everything public of the console that acts in somebody's name: it begins with `by`."""
    names = [f"{changing.__name__}.{module.name}" for module in iter_modules(changing.__path__)]
    for name in [actions.__name__, *names]:
        short = name.rpartition(".")[2]
        for found, value in vars(import_module(name)).items():
            if isfunction(value) and value.__module__ == name and acts(value):
                yield f"{short}.{found}"
            elif found.isupper() and type(value).__module__.startswith(changing.__name__):
                methods = vars(type(value)).items()
                yield from (f"{short}.{found}.{each}" for each, how in methods if acts(how))


def acts(value: Any) -> bool:
    """Whether it takes who acts, and is not `acting` itself."""
    if not isfunction(value) or value.__name__.startswith("_") or value is actions.acting:
        return False
    taken = [name for name in signature(value).parameters if name != "self"]
    return taken[:1] == ["by"] and value.__annotations__["by"] is UUID
