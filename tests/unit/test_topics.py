"""Topics as documents: what is read, what is refused and how, and what each topic says."""

import json
from dataclasses import fields
from datetime import timedelta
from itertools import chain as joined
from typing import Any

import pytest
from hypothesis import given, strategies as st

from delivery.blame import MAX_TEXT
from delivery.planning import LIFETIMES
from delivery.rulebook.spans import pause, spelled
from delivery.rulebook.writing import as_toml
from delivery.topics import Known, TopicError, as_document, chain, read_toml, sentences
from delivery.topics.body import StepBody, TopicBody
from models.records import (
    Class,
    OnDoubt,
    OnUnsent,
    Over,
    Step,
    Throttle,
    Topic,
    Unless,
    read_digest,
)
from tests.values import make_topic

KNOWN = Known(
    frozenset({"email", "in_app"}),
    {"board-mail": "email", "board-item": "in_app"},
    frozenset({"board.gone"}),
)
BOARD = """\
key = "board.shared"
title = "Board shared"
category = "boards"
class = "transactional"
schema = '''
{"type": "object", "required": ["board"]}
'''

[[steps]]
key = "in_app"
channel = "in_app"
template = "board-item"

[[steps]]
key = "email"
channel = "email"
template = "board-mail"
after = "15 min"
unless = "read"
on_unsent = "go"
"""


def test_reads_a_topic():
    assert read_toml(BOARD, KNOWN) == make_topic(
        schema='{"type": "object", "required": ["board"]}',
        steps=(
            Step("in_app", "in_app", "board-item"),
            Step(
                "email", "email", "board-mail", timedelta(minutes=15), Unless.READ, OnUnsent.GO
            ),
        ),
    )  # fmt: skip


LENGTHS = st.timedeltas(timedelta(), timedelta(days=400))
SOME = st.timedeltas(timedelta(microseconds=1), timedelta(days=400))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30).map(
    lambda text: f"x{text}"
)
STEPS = st.tuples(
    st.just(Step("in_app", "in_app", "board-item")),
    st.builds(
        Step, st.just("email"), st.just("email"), st.sampled_from([None, "board-mail"]), LENGTHS,
        st.sampled_from([None, *Unless]), st.sampled_from(OnUnsent),
    ),
)  # fmt: skip
DIGEST_RULES = [
    read_digest({"steps": ["email"], **more})
    for more in (
        {"kind": "debounce", "wait": "10m", "at_most": "1h", "by": ["actor", "data.a.b"]},
        {"kind": "fixed", "wait": "90s"},
        {"kind": "first_then", "wait": "3d"},
        {"kind": "recurring", "every": "week", "on": "monday", "at": "09:00"},
        {"kind": "recurring", "every": "day", "at": "17:30"},
    )
]
DIGESTS = st.sampled_from(DIGEST_RULES)
TOPICS = st.builds(
    Topic, st.just("a.topic"), TEXTS, TEXTS.filter(lambda text: text != "*"),
    st.just(Class.TRANSACTIONAL), STEPS,
    schema=st.none() | st.dictionaries(TEXTS, TEXTS).map(
        lambda more: json.dumps({"description": more})
    ), dedup_window=SOME, lifetime=st.none() | SOME, mandatory=st.booleans(),
    sensitive=st.booleans(), on_doubt=st.sampled_from([None, *OnDoubt]),
    digest=st.none() | DIGESTS, cancels=st.sampled_from([(), ("a.topic", "board.gone")]),
    same_content=st.none() | LENGTHS, throttle=st.none() | st.builds(
        Throttle, st.integers(1, 999),
        st.integers(1, 31 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
        st.none() | TEXTS, st.sampled_from([Over.SKIP, Over.HOLD]),
    ), on_late=st.sampled_from([None, "send", "skip"]),
)  # fmt: skip


@given(TOPICS)
def test_what_is_shown_says_the_same_topic(topic: Topic):
    again = read_toml(as_toml(as_document(topic)), KNOWN)
    assert as_document(again) == as_document(topic)
    assert again == Topic(**{**_fields(topic), "schema": again.schema})
    assert (again.schema and json.loads(again.schema)) == (
        topic.schema and json.loads(topic.schema)
    )


def _fields(topic: Topic) -> dict[str, Any]:
    return {name: getattr(topic, name) for name in Topic.__slots__}


def test_every_field_of_a_topic_is_in_its_document():
    renamed = {"klass": "class", "json_schema": "schema"}
    there = {renamed.get(name, name) for name in TopicBody.model_fields}
    assert there == {renamed.get(field.name, field.name) for field in fields(Topic)}
    learnt = {"tells_many"}  # of its template
    assert set(StepBody.model_fields) == {field.name for field in fields(Step)} - learnt


def test_says_its_digest_rule_and_what_it_takes_back():
    said = [sentences(make_topic(digest=rule, cancels=("board.gone",))) for rule in DIGEST_RULES]
    told = " ".join(joined.from_iterable(said))
    for words in (
        "Collects email into digests, apart by actor and data.a.b: when nothing came for 10 min",
        "after 1 hour at the latest.",
        ": 90 seconds after the first.",
        ": the first at once, what follows within 3 days together.",
        ": one each Monday at 09:00, unless the recipient chose another time.",
        ": one each day at 17:30",
        "Takes back what waits of board.gone for the same thread.",
    ):
        assert words in told


def test_a_schema_is_shown_as_people_read_it():
    text = as_toml(as_document(make_topic(schema='{"type":"object","required":["a"]}')))
    assert "schema = '''\n{\n  \"required\": [\n" in text


def wrong(text: str) -> list[str]:
    with pytest.raises(TopicError) as caught:
        read_toml(text, KNOWN)
    return [f"{fault.line}: {fault}" for fault in caught.value.faults]


THROTTLED = "[throttle]\nlimit = 3\nwithin = '1 hour'\nkey = 'board.id'\n\n[[steps]]"


def test_a_throttle_is_read_and_said():
    topic = read_toml(BOARD.replace("[[steps]]", THROTTLED, 1), KNOWN)
    assert topic.throttle == Throttle(3, timedelta(hours=1), "board.id")
    said = "At most 3 to one recipient in any 1 hour for each data.board.id; more is not sent."
    assert said in sentences(topic)


@pytest.mark.parametrize(
    ("right", "given", "said"),
    [
        ("limit = 3", "limit = 0", "throttle, limit: Input should be greater than or equal to 1"),
        ("limit = 3", "limit = 1000", "throttle, limit: Input should be less than or equal"),
        ("limit = 3", "", "throttle, limit: Field required"),
        ("'1 hour'", "3600", "throttle, within: write a length of time"),
        ("'1 hour'", "'32 days'", "throttle, within: '32 days' is more than 31 days"),
        ("'1 hour'", "'1.5 s'", "throttle, within: '1.5 s': write whole seconds"),
        ("'board.id'", "''", "throttle, key: write a text"),
        ("key", "over = 'downgrade'\nkey", "throttle, over: Input should be 'skip' or 'hold'"),
    ],
)
def test_what_is_no_throttle_is_refused(right: str, given: str, said: str):
    (fault,) = wrong(BOARD.replace("[[steps]]", THROTTLED.replace(right, given, 1), 1))
    assert said in fault


CALENDAR = """\
[calendar]
uid = "{{ data.id }}@example.com"
start = "{{ data.at }}"
zone = "Europe/Vienna"
organizer = "Ada <ada@example.com>"
summary = "{{ data.board }}"

[[steps]]
"""
DIGESTED = '[digest]\nkind = "fixed"\nwait = "1h"\nsteps = ["email"]\n'


def test_what_goes_into_calendars_is_read_and_said():
    topic = read_toml(BOARD.replace("[[steps]]", CALENDAR, 1), KNOWN)
    assert topic.calendar is not None
    assert (topic.calendar.method, topic.calendar.sequence) == ("request", "0")
    assert read_toml(as_toml(as_document(topic)), KNOWN).calendar == topic.calendar
    said = "Its mails put {{ data.board }} into calendars, as Ada <ada@example.com> says it."
    assert said in sentences(topic)


def test_only_mails_reach_calendars():
    text = BOARD.replace('"email"', '"in_app"').replace("board-mail", "board-item")
    found = wrong(text.replace("[[steps]]", CALENDAR, 1))
    assert any("only mails reach calendars" in line for line in found)


BAD = [
    ("title =", "titel =", "2: titel: there is no such field: see docs/authoring.md"),
    ('"transactional"', '"urgent"', "4: class: Input should be 'critical'"),
    ('"board-mail"', '"board-mial"', "17: steps 2 (email), template: there is no template"),
    ('"board-mail"', '"board-mial"', "did you mean board-mail?"),
    ('"board-mail"', '"board-item"', "board-item is written for in_app: name one for email"),
    ('channel = "email"', 'channel = "emial"', "16: steps 2 (email), channel: there is no"),
    ('"15 min"', '"soon"', "18: steps 2 (email), after: 'soon' is no length of time"),
    ('"15 min"', "15", "18: steps 2 (email), after: write a length of time"),
    ('"15 min"', '"401 days"', "after: '401 days' is more than 400 days"),
    ('after = "15 min"', "", "unless: a step that does not wait cannot know"),
    ('after = "15 min"', "", "on_unsent: only a step that waits has one before it"),
    ('key = "email"', 'key = "in_app"', "15: steps 2 (in_app), key: an earlier step is called"),
    ('key = "in_app"', 'key = "in_app"\nafter = "1 h"', "11: steps 1 (in_app), after: the first"),
    ('{"type"', '["type"', "5: schema: it is not JSON"),
    ('{"type": "object", "required": ["board"]}', "[]", "5: schema: a JSON Schema is an object"),
    ('"object"', '"thing"', "5: schema: "),
    ('"transactional"', '"promotional"\nmandatory = true', "5: mandatory: promotional news is"),
    ("category", 'mandatory = "yes"\ncategory', "3: mandatory: Input should be a valid boolean"),
    ("category", 'on_late = "send"\nmax_lateness = "1 h"\ncategory', "4: max_lateness: on_late"),
    ("category", 'lifetime = "0 s"\ncategory', "3: lifetime: write more than nothing"),
    ('"boards"', '"' + "ü" * 200 + '"', "3: category: it has more than 255 bytes"),
    ('"boards"', '"*"', "3: category: * stands for every category"),
    ("board.shared", "board shared", "1: key: String should match pattern"),
    ('"Board shared"', '" "', "2: title: write a text that is not empty"),
    ("category", 'cancels = ["board.gne"]\ncategory', "3: cancels 1: there is no topic board.gne"),
    ("[[steps]]", '[digest]\nkind = "fixed"\n[[steps]]', "9: digest: steps: name at least one"),
    (
        "[[steps]]",
        '[digest]\nkind = "fixed"\nwait = "1h"\nsteps = ["mail"]\n[[steps]]',
        "13: digest, steps: there is no step mail",
    ),
    (
        '"transactional"',
        '"critical"\ndigest = { kind = "fixed", wait = "1h", steps = ["email"] }',
        "5: digest: critical news is never collected",
    ),
    (
        '"transactional"',
        '"critical"\nthrottle = { limit = 1, within = "1 h" }',
        "5: throttle: critical news passes it",
    ),
    ("category", 'reply_to = "nobody"\ncategory', "3: reply_to: write a mailbox, like Support"),
    ("category", 'reply_to = "{{ data.mail"\ncategory', "3: reply_to: unexpected end of template"),
    ("[[steps]]", CALENDAR.replace("Europe/Vienna", "Vienna"), "calendar, zone: write a time zone"),
    ("[[steps]]", CALENDAR.replace("{{ data.at }}", "{{ data.at"), "start: unexpected end of"),
    ("[[steps]]", CALENDAR.replace("uid", "udi"), "calendar, udi: there is no such field"),
    ("[[steps]]", DIGESTED + CALENDAR, "calendar: news that is collected has no time of its own"),
    ("category", 'attachments = ["{{ x"]\ncategory', "attachments 1: unexpected end of template"),
    ("category", 'attachments = ["a"]\nsensitive = true\ncategory', "its news is secret: leave"),
    ("key = ", "key := ", "None: this is no TOML"),
]


@pytest.mark.parametrize(("old", "new", "said"), BAD, ids=[said[:60] for *_, said in BAD])
def test_says_where_and_what_to_do(old: str, new: str, said: str):
    found = wrong(BOARD.replace(old, new, 1))
    assert any(said in line for line in found), found


def test_a_document_has_a_limit():
    assert wrong("#" * (MAX_TEXT + 1)) == ["None: a topic has at most 262144 characters"]


def test_nobody_waits_for_reading_where_nothing_can_be_read():
    text = BOARD.replace("in_app", "email").replace("board-item", "board-mail")
    assert any("only an in-app step is seen or read" in line for line in wrong(text))


def test_says_its_steps_as_a_chain():
    assert chain(read_toml(BOARD, KNOWN)) == (
        "in the feed, then by e-mail after 15 minutes unless read;"
        " at once when nothing was sent before"
    )
    assert chain(make_topic()) == "by e-mail and in the feed"
    assert chain(make_topic(steps=())) == "nowhere: it has no steps"


def test_says_its_rules_also_those_of_its_class():
    said = " ".join(sentences(make_topic()))
    assert f"useless {spelled(LIFETIMES[Class.TRANSACTIONAL])} after" in said
    assert "more than 24 hours late" in said
    assert "Waits for a person" in said
    code = make_topic(
        klass=Class.CRITICAL, sensitive=True, mandatory=True, same_content=timedelta()
    )
    told = " ".join(sentences(code))
    for words in ("however late", "Goes again", "Is secret", "cannot turn it off", "again at once"):
        assert words in told


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15 min", 900),
        ("2 h", 7200),
        ("2h", 7200),
        ("1 DAY", 86400),
        ("0 s", 0),
        ("1.5 hours", 5400),
    ],
)
def test_reads_lengths_of_time(text: str, seconds: float):
    assert pause(text, timedelta(days=400)) == timedelta(seconds=seconds)


@given(LENGTHS)
def test_lengths_survive_being_written(length: timedelta):
    assert pause(spelled(length), timedelta(days=400)) == length


def test_a_topic_without_steps_takes_something_back_or_makes_no_sense():
    silent = BOARD.split("[[steps]]", 1)[0]
    topic = read_toml(f'cancels = ["board.gone"]\n{silent}', KNOWN)
    assert (topic.steps, topic.cancels) == ((), ("board.gone",))
    assert read_toml(as_toml(as_document(topic)), KNOWN).cancels == topic.cancels
    (fault,) = wrong(silent)
    assert "give it a step, or say which topics it cancels" in fault
