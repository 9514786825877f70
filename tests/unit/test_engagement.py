"""Who opened a mail: what a request gives away, and what those around it do."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, strategies as st

from delivery.engagement.judging import Count, Hit, Tally, changes, judged, tallied
from delivery.engagement.signs import BY_CODE, Sign, seen, source_of
from models.records import By, Kind

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
APPLE_MAIL = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
)


@pytest.mark.parametrize(
    ("agent", "sign"),
    [
        (CHROME, Sign.NOTHING),
        (APPLE_MAIL, Sign.NOTHING),
        ("Mozilla/4.0 (compatible; ms-office; MSOffice 16)", Sign.NOTHING),
        (
            "Mozilla/5.0 (Windows NT 5.1) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
            Sign.GOOGLE,
        ),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", Sign.YAHOO),
        ("Mozilla/5.0", Sign.APPLE),
        (f"{CHROME} BingPreview/1.0b", Sign.MICROSOFT),
        ("BarracudaCentral/1.0", Sign.GATEWAY),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Sign.PREVIEW),
        ("python-requests/2.32", Sign.CLIENT),
        ("curl/8.5.0", Sign.CLIENT),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", Sign.BOT),
        ("", Sign.NO_AGENT),
        ("  ", Sign.NO_AGENT),
    ],
)
def test_the_agent_tells(agent: str, sign: Sign):
    assert seen("GET", {"user-agent": agent}) is sign


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "Prefetch"),
        ("x-moz", "prefetch"),
        ("x-purpose", "preview"),
    ],
)
def test_a_browser_that_fetches_ahead_says_so(header: str, value: str):
    assert seen("GET", {"user-agent": CHROME, header: value}) is Sign.AHEAD


def test_asking_for_the_headers_alone_is_no_person():
    assert seen("HEAD", {"user-agent": CHROME}) is Sign.HEAD


@given(
    st.text(max_size=50),
    st.dictionaries(st.sampled_from(["user-agent", "purpose", "x-moz"]), st.text(max_size=50)),
)
def test_any_request_is_something(method: str, headers: dict[str, str]):
    assert BY_CODE[seen(method, headers).code]


DAY, KEY = date(2026, 1, 31), b"k" * 32


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.250", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("203.0.113.7", "::ffff:203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
    ],
)
def test_a_source_is_a_network(one: str, other: str, same: object):
    assert (source_of(one, DAY, KEY) == source_of(other, DAY, KEY)) is same


def test_a_source_cannot_be_followed_from_day_to_day_nor_guessed():
    found = {
        source_of("203.0.113.7", DAY, KEY),
        source_of("203.0.113.7", DAY + timedelta(1), KEY),
        source_of("203.0.113.7", DAY, b"another"),
    }
    assert len(found) == 3
    assert source_of("testclient", DAY, KEY) == source_of("", DAY, KEY) == ""


SENT = datetime(2026, 1, 31, 12, tzinfo=UTC)


def click(link: int, seconds: float, source: str = "a", sign: Sign = Sign.NOTHING) -> Hit:
    return Hit(Kind.CLICKED, SENT + timedelta(seconds=seconds), link, source, sign.code)


def opened(seconds: float, source: str = "a", sign: Sign = Sign.NOTHING) -> Hit:
    return Hit(Kind.OPENED, SENT + timedelta(seconds=seconds), 0, source, sign.code)


STORIES: list[tuple[str, list[Hit], list[Sign]]] = [
    ("a reader", [opened(300), click(1, 320), click(2, 360)], [Sign.NOTHING] * 3),
    ("faster than anybody reads", [click(1, 1)], [Sign.TOO_SOON]),
    ("before our own record", [click(1, -1)], [Sign.TOO_SOON]),
    ("fetched at once", [opened(1)], [Sign.FETCHED]),
    ("a proxy at once", [opened(1, sign=Sign.GOOGLE)], [Sign.FETCHED]),
    ("a proxy later", [opened(60, sign=Sign.GOOGLE)], [Sign.GOOGLE]),
    ("a proxy that follows links", [click(1, 60, sign=Sign.GOOGLE)], [Sign.CLIENT]),
    ("Apple's, whenever", [opened(9999, sign=Sign.APPLE)], [Sign.APPLE]),
    ("two links within two seconds", [click(1, 60), click(2, 61)], [Sign.BURST] * 2),
    ("two links within three", [click(1, 60), click(2, 63)], [Sign.NOTHING] * 2),
    ("the same link twice", [click(1, 60), click(1, 61)], [Sign.NOTHING] * 2),
    ("two links from two places", [click(1, 60), click(2, 61, "b")], [Sign.NOTHING] * 2),
    (
        "two links of whom nobody says where",
        [click(1, 60, ""), click(2, 61, "")],
        [Sign.NOTHING] * 2,
    ),
    (
        "three links at once from anywhere",
        [click(1, 5, "a"), click(2, 6, "b"), click(3, 7, "c")],
        [Sign.SWEEP] * 3,
    ),
    (
        "and its image with them",
        [opened(6, "d"), click(1, 5, "a"), click(2, 6, "b"), click(3, 7, "c")],
        [Sign.SWEEP] * 4,
    ),
    (
        "a person after the sweep",
        [click(1, 5, "a"), click(2, 6, "b"), click(3, 7, "c"), click(1, 90, "d")],
        [Sign.SWEEP] * 3 + [Sign.NOTHING],
    ),
    (
        "a disguise beside a scanner",
        [click(1, 60, sign=Sign.HEAD), click(1, 61)],
        [Sign.HEAD, Sign.COMPANY],
    ),
    (
        "a person after a scanner",
        [click(1, 60, sign=Sign.HEAD), click(1, 90)],
        [Sign.HEAD, Sign.NOTHING],
    ),
]


@pytest.mark.parametrize(
    ("hits", "signs"), [story[1:] for story in STORIES], ids=[story[0] for story in STORIES]
)
def test_stories(hits: list[Hit], signs: list[Sign]):
    assert judged(hits, SENT) == signs


def test_without_a_hand_over_only_company_tells():
    assert judged([click(1, 1), click(2, 9, "b")], None) == [Sign.NOTHING] * 2


def test_a_code_of_another_version_is_taken_for_a_person():
    assert judged([Hit(Kind.OPENED, SENT + timedelta(hours=1), code="from the future")], SENT) == [
        Sign.NOTHING
    ]


hits = st.builds(
    Hit,
    st.sampled_from([Kind.OPENED, Kind.CLICKED]),
    st.integers(-5, 30).map(lambda seconds: SENT + timedelta(seconds=seconds)),
    st.integers(0, 3),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(["", "head", "google", "apple"]),
)


@given(st.lists(hits, max_size=8), st.randoms(use_true_random=False))
def test_the_order_they_come_in_does_not_matter(some: list[Hit], random: Random):
    order = sorted(range(len(some)), key=lambda _: random.random())
    shuffled = judged([some[place] for place in order], SENT)
    assert shuffled == [judged(some, SENT)[place] for place in order]


def weighed(some: list[Hit]) -> Tally:
    return tallied(zip(some, (sign.by for sign in judged(some, SENT)), strict=True))


@given(st.lists(hits, max_size=8), st.integers(0, 8))
def test_what_is_added_in_two_steps_is_what_is_there(some: list[Hit], first: int):
    total: dict[Count, tuple[int, int]] = {}
    before = Tally({}, frozenset())
    for upto in (first, len(some)):
        after = weighed(some[:upto])
        for count, (times, once) in changes(before, after).items():
            known = total.get(count, (0, 0))
            total[count] = (known[0] + times, known[1] + once)
        before = after
    there = {count: (times, 1) for count, times in weighed(some).times.items()}
    assert {count: sums for count, sums in total.items() if any(sums)} == there


def test_opening_twice_is_two_opens_of_one_mail():
    count = Count(Kind.OPENED, By.PERSON, 0)
    tally = tallied([(opened(60), By.PERSON), (opened(90), By.PERSON)])
    assert (tally.times[count], tally.once) == (2, {count})
