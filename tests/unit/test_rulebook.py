"""Rulebooks: what is read, what is refused and how, and what each rule says."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from delivery.blame import MAX_TEXT
from delivery.rulebook import RulebookError, picked, read, read_toml, sentence
from delivery.rulebook.document import CapBody
from delivery.rulebook.weeks import WEEK, rest, weekly
from delivery.rulebook.writing import as_toml
from models.records import Class, Facts, Picks, Profile, Rulebook, Zones
from tests.values import make_draft, make_facts, make_topic

NIGHTS = {"key": "nights", "quiet": ["daily 22:00-07:00"]}
WORK = {
    "key": "work", "send": ["mon-fri 09:00-17:00"], "zone": "Europe/Berlin",
    "classes": ["promotional", "transactional"], "channels": ["email", "push"],
    "topics": ["news"], "orgs": ["acme"], "tags": ["b2b"],
}  # fmt: skip
BOOK: dict[str, Any] = {
    "quiet_hours": [NIGHTS, WORK],
    "zones": {"default": "Europe/Paris", "orgs": {"acme": "America/New_York", 'ö "x"': "UTC"}},
}


def test_an_empty_document_is_no_rule():
    assert read({}) == Rulebook()
    assert read_toml("") == {}


def test_reads_rules_with_what_they_are_about():
    book = read(BOOK, 7)
    nights, work = book.quiet_hours
    assert (book.version, nights.key, nights.binding, nights.sends) == (7, "nights", False, False)
    assert nights.weekly == tuple((day * 1440 + 1320, 540) for day in range(7))
    assert work.binding
    assert work.sends
    assert work.picks == Picks(
        channels=frozenset({"email", "push"}),
        classes=frozenset({Class.PROMOTIONAL, Class.TRANSACTIONAL}),
        topics=frozenset({"news"}), orgs=frozenset({"acme"}), tags=frozenset({"b2b"}),
    )  # fmt: skip
    assert book.zones == Zones("Europe/Paris", BOOK["zones"]["orgs"])


def test_a_document_survives_being_written_as_toml():
    assert read_toml(as_toml(BOOK)) == BOOK
    assert as_toml({}) == "\n"


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=9),
        st.recursive(
            st.text(max_size=9) | st.booleans() | st.integers(-9, 9),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=4), inner, max_size=3)
            ),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_toml_says_whatever_a_document_says(document: dict[str, Any]):
    import tomllib  # noqa: PLC0415

    assert tomllib.loads(as_toml(document)) == document


GATHERS = "[[caps]]\nkey = 'a'\nlimit = 1\nper = 'day'\ndigest = { "
BAD = [
    ("quiet_hours", "this is no TOML"),
    ("x = 1", "x: there is no such field"),
    ('[[quiet_hours]]\nquiet = ["daily 22:00-07:00"]', "quiet_hours 1, key: Field required"),
    ('[[quiet_hours]]\nkey = "a"', "quiet_hours 1 (a): say either quiet or send"),
    (
        '[[quiet_hours]]\nkey = "a"\nquiet = ["daily 1:00-2:00"]\nsend = ["mon 1:00-2:00"]',
        "say either quiet or send",
    ),
    ('[[quiet_hours]]\nkey = "A b"\nquiet = ["daily 1:00-2:00"]', "quiet_hours 1 (A b), key"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = []', "write 1 to 50 lines"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["whenever"]', "'whenever' is no time: write it like"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["yesterday 1:00-2:00"]', "'yesterday' is no day"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-25:00"]', "from 00:00 to 24:00"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["mon 24:00-01:00"]', "from 00:00 to 24:00"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:60-2:00"]', "from 00:00 to 24:00"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["mon 7:00-7:00"]', "begins when it ends"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["daily 00:00-24:00"]', "all of the week"),
    ('[[quiet_hours]]\nkey = "a"\nsend = ["daily 00:00-24:00"]', "all of the week"),
    (
        '[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-2:00"]\nzone = "Mars/Phobos"',
        "quiet_hours 1 (a), zone: not a time zone of the IANA database",
    ),
    (
        '[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-2:00"]\nclasses = ["critical"]',
        "critical news is never held",
    ),
    (
        '[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-2:00"]\nclasses = ["urgent"]',
        "quiet_hours 1 (a), classes 1: Input should be 'critical', 'transactional' or 'promo",
    ),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-2:00"]\ntopics = []', "topics"),
    ('[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-2:00"]\ntopics = [""]', "not empty"),
    (
        '[[quiet_hours]]\nkey = "a"\nquiet = ["mon 1:00-2:00"]\n' * 2,
        "each rule needs a key of its own: a has two",
    ),
    ('[[caps]]\nkey = "a"\nlimit = 1\nper = "day"\nover = "digest"', "belong together"),
    (f"{GATHERS}at = '18:00', every = 'day' }}\nover = 'hold'", "belong together"),
    (f"{GATHERS}at = '6 pm', every = 'day' }}\nover = 'digest'", "write a local time like 09:00"),
    (f"{GATHERS}at = '18:00', every = 'hour' }}\nover = 'digest'", "write day or week"),
    (f"{GATHERS}wait = '1h' }}\nover = 'digest'", "digest.wait: there is no such setting"),
    ('[zones]\ndefault = "Berlin"', "zones, default: not a time zone"),
    ('[zones.orgs]\nacme = "Berlin"', "zones, orgs, acme: not a time zone"),
    ("#" * (MAX_TEXT + 1), "at most"),
]


@pytest.mark.parametrize(("text", "problem"), BAD, ids=[problem[:40] for _, problem in BAD])
def test_what_is_wrong_is_said_with_its_place(text: str, problem: str):
    with pytest.raises(RulebookError) as raised:
        read_toml(text)
    assert problem in str(raised.value)


@pytest.mark.parametrize("document", [[], "x", None, 1, {"quiet_hours": {}}, {"caps": [1]}])
def test_any_json_that_is_no_rulebook_is_refused(document: Any):
    with pytest.raises(RulebookError):
        read(document)


def test_every_fault_is_told_at_once():
    with pytest.raises(RulebookError) as raised:
        read({"quiet_hours": [{"key": "a"}, {"key": "b", "quiet": ["never"]}], "x": 1})
    assert [place for place, _ in raised.value.faults] == [
        "quiet_hours 1 (a)", "quiet_hours 2 (b)", "x",
    ]  # fmt: skip


LINES = [
    (["mon 21:00-24:00"], ((1260, 180),)),
    (["mon 21:00-08:00"], ((1260, 660),)),
    (["sun 21:00-08:00"], ((6 * 1440 + 1260, 660),)),
    (["sat-sun 00:00-24:00"], ((5 * 1440, 2880),)),
    (["weekends 00:00-24:00", "fri 20:00-24:00"], ((4 * 1440 + 1200, 240 + 2880),)),
    (["fri-mon 09:00-10:00"], tuple((day * 1440 + 540, 60) for day in (0, 4, 5, 6))),
    (["Mon,WED 9:00 – 10:00"], tuple((day * 1440 + 540, 60) for day in (0, 2))),
    (["mon 09:00-11:00", "mon 10:00-12:00", "mon 12:00-13:00"], ((540, 240),)),
]


@pytest.mark.parametrize(("lines", "expected"), LINES)
def test_lines_become_times_of_the_week(lines: list[str], expected: Any):
    assert weekly(tuple(lines)) == expected


@pytest.mark.parametrize("lines", [lines for lines, _ in LINES])
def test_the_rest_of_the_week_is_the_rest(lines: list[str]):
    times = weekly(tuple(lines))
    other = rest(times)
    assert sum(length for _, length in (*times, *other)) == WEEK
    assert rest(other) == times


def test_every_rule_becomes_a_sentence():
    nights, work = read(BOOK).quiet_hours
    assert sentence(nights) == (
        "Promotional on every channel but the feed waits daily 22:00-07:00 in the recipient's"
        " time zone."
    )
    assert sentence(work) == (
        "Promotional and transactional of the topic news tagged b2b to people of acme on email and"
        " push is sent only mon-fri 09:00-17:00 in Europe/Berlin."
    )
    gathers = CapBody(
        key="a", limit=2, per="day", over="digest", digest={"every": "day", "at": "18:00"}
    )
    assert sentence(gathers.cap()).endswith(
        "; more goes together each day at 18:00, one message a topic, and waits where a template"
        " tells of one alone."
    )


NAMED: list[tuple[Picks, bool]] = [
    (Picks(), True),
    (Picks(channels=frozenset({"email", "sms"})), True),
    (Picks(channels=frozenset({"sms"})), False),
    (Picks(classes=frozenset({Class.TRANSACTIONAL})), True),
    (Picks(classes=frozenset({Class.PROMOTIONAL})), False),
    (Picks(categories=frozenset({"boards"})), True),
    (Picks(categories=frozenset({"news"})), False),
    (Picks(topics=frozenset({"board.shared"})), True),
    (Picks(topics=frozenset({"news"})), False),
    (Picks(campaigns=frozenset({"spring"})), True),
    (Picks(campaigns=frozenset({"autumn"})), False),
    (Picks(orgs=frozenset({"acme"})), True),
    (Picks(orgs=frozenset({"other"})), False),
    (Picks(tags=frozenset({"b", "c"})), True),
    (Picks(tags=frozenset({"c"})), False),
    (Picks(tags=frozenset({"b"}), orgs=frozenset({"other"})), False),
]


@pytest.mark.parametrize(("picks", "expected"), NAMED)
def test_a_rule_is_about_what_fits_all_it_names(picks: Picks, *, expected: bool):
    facts = make_facts("a@x.test", profile=Profile("anna", org="acme"))
    draft = make_draft(topic=make_topic(), campaign="spring", tags=("a", "b"))
    assert picked(picks, draft, facts) is expected


def test_a_rule_that_names_orgs_is_about_nobody_unknown():
    assert not picked(Picks(orgs=frozenset({"acme"})), make_draft(), Facts(None))


def test_json_is_read_like_toml():
    assert read(json.loads(json.dumps(BOOK))) == read(BOOK)
