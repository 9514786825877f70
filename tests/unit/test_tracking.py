"""What a mail's links become when clicks are counted, and where they may lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import example, given, strategies as st

from delivery.engagement.tracking import Noticed, noticed, tracked
from delivery.engagement.ways import LONGEST, Way, read_click, read_open, sign
from delivery.envelopes import letterhead
from delivery.links import Kind, LinkKeys, seal
from delivery.messages import Content, Envelope
from delivery.rendering.compile import compile_mjml
from delivery.rendering.fill import fill, prepare
from delivery.rendering.mime import compose
from models.records import Class, TemplateVersion, Topic
from tests.unit.rendering.templates import column

SECRET = b"a secret of the installation, long enough"
KEYS = LinkKeys.derive(SECRET)
HEAD = letterhead("Shop <news@example.com>", "", "https://api.test", SECRET, timedelta(30))
DELIVERY = UUID("50850000-0000-8000-8000-00000000002a")
BOTH = Noticed(opens=True, clicks=True)
DATE = datetime(2026, 1, 31, tzinfo=UTC)
ENVELOPE = Envelope(DELIVERY, "1@e.com", "news@e.com", "b@e.com", DATE, "news", "news")


class Page(HTMLParser):
    """The links and images of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")
        if tag == "img":
            self.images.append(dict(attrs))


def content(html: str, **data: object) -> Content:
    version = TemplateVersion("t", 1, "email", "s", "", text="t", compiled=html)
    return fill(
        prepare(version, mark=True),
        {"data": data, "links": {"unsubscribe": "https://api.test/u/x"}},
    )


def sent(html: str, what: Noticed = BOTH, **data: object) -> Page:
    made = tracked(content(html, **data), what, HEAD, DELIVERY)
    assert made.marked is None
    assert "\0" not in (made.html or "")
    return Page(made.html or "")


def way(url: str) -> Way | None:
    assert url.startswith("https://api.test/c/")
    return read_click(url.removeprefix("https://api.test/c/"), KEYS)


def test_a_link_leads_by_us_to_where_it_led():
    page = sent('<a href="{{ data.url }}">x</a>', url='https://e.com/a?x=1&y="<2>"')
    assert [way(url) for url in page.links] == [Way(DELIVERY, 1, 'https://e.com/a?x=1&y="<2>"')]


@pytest.mark.parametrize(
    "url",
    [
        "mailto:a@b.c",
        "javascript:alert(1)",
        "/inbox",
        "https://a b",
        "https://api.test/u/tok",
        "https://api.test/p/tok",
        "https://e.com/" + "x" * LONGEST,
        "",
    ],
)
def test_what_is_no_web_address_or_ours_stays_as_it_is(url: str):
    assert sent('<a href="{{ data.url }}">x</a>', url=url).links == [url]


def test_one_can_be_noticed_without_the_other():
    html = '<body><a href="https://e.com">x</a></body>'
    opens = sent(html, Noticed(opens=True, clicks=False))
    clicks = sent(html, Noticed(opens=False, clicks=True))
    assert (opens.links, len(opens.images)) == (["https://e.com"], 1)
    assert (len(clicks.links), clicks.images) == (1, [])
    assert way(clicks.links[0]) is not None


def test_the_pixel_says_nothing_to_who_cannot_see_it():
    [pixel] = sent("<body>x</body>").images
    assert (pixel["alt"], pixel["role"], pixel["width"]) == ("", "presentation", "1")
    token = (pixel["src"] or "").removeprefix("https://api.test/o/")
    assert read_open(token, KEYS) == Way(DELIVERY)


def test_an_address_of_its_own_for_tracking():
    head = replace(HEAD, tracking_url="https://go.shop.test")
    html = tracked(content('<a href="https://e.com">x</a>'), BOTH, head, DELIVERY).html or ""
    assert Page(html).links[0].startswith("https://go.shop.test/c/")


def test_the_same_mail_has_the_same_links_and_its_text_is_left_alone():
    plain = content('<a href="https://e.com">x</a>')
    once, again = (tracked(plain, BOTH, HEAD, DELIVERY) for _ in range(2))
    assert once == again
    assert (once.text, once.subject) == (plain.text, plain.subject)


def topic(**more: object) -> Topic:
    return replace(Topic("t", "T", "c", Class.TRANSACTIONAL, ()), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "channel", "usual", "is_noticed"),
    [
        ({}, "email", 1, 1),
        ({}, "email", 0, 0),
        ({}, "in_app", 1, 0),
        ({"track_opens": True, "track_clicks": True}, "email", 0, 1),
        ({"track_opens": False, "track_clicks": False}, "email", 1, 0),
        ({"klass": Class.CRITICAL}, "email", 1, 0),
        ({"klass": Class.CRITICAL, "track_opens": True, "track_clicks": True}, "email", 0, 1),
        ({"sensitive": True, "track_opens": True, "track_clicks": True}, "email", 1, 0),
    ],
)
def test_who_says_what_is_noticed(
    said: dict[str, object], channel: str, usual: int, is_noticed: int
):
    found = noticed(topic(**said), channel, Noticed(opens=bool(usual), clicks=bool(usual)))
    assert found == Noticed(opens=bool(is_noticed), clicks=bool(is_noticed))
    assert bool(found) is bool(is_noticed)


urls = st.builds(
    lambda scheme, rest: f"{scheme}://{rest}",
    st.sampled_from(["http", "HTTPS"]),
    st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="\\")
    ).filter(bool),
)
ways = st.builds(Way, st.uuids(), st.integers(1, 0xFFFF), urls)


@given(ways)
def test_reads_back_what_was_signed(said: Way):
    assert read_click(sign(said, KEYS), KEYS) == said
    assert read_open(sign(said, KEYS), KEYS) is None


@given(ways, urls)
def test_nobody_without_the_key_makes_it_lead_elsewhere(said: Way, url: str):
    forged = sign(replace(said, url=url), LinkKeys.derive(b"somebody else's"))
    assert read_click(forged, KEYS) is None


@given(ways, st.data())
def test_a_token_with_any_sign_changed_leads_nowhere(said: Way, data: st.DataObject):
    token = sign(said, KEYS)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABZaz09-_=.").filter(lambda sign: sign != token[place]))
    assert read_click(token[:place] + other + token[place + 1 :], KEYS) is None


@given(st.text(max_size=120))
@example("")
def test_what_is_no_token_leads_nowhere(text: str):
    assert read_click(text, KEYS) is None
    assert read_open(text, KEYS) is None


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"x" * 17,
        bytes(18),
        bytes(17) + b"\x01",
        bytes(17) + b"\x01javascript:x",
        bytes(17) + b"\x01\xff",
        bytes(17) + b"\x01https://a.b\r\nX: y",
    ],
)
def test_even_signed_it_leads_only_to_the_web(said: bytes):
    assert read_click(seal(Kind.CLICK.value, said, KEYS), KEYS) is None


def test_a_token_is_small():
    assert len(sign(Way(DELIVERY, 3, "https://example.com/board/42?ref=mail"), KEYS)) < 104


class Outline(HTMLParser):
    """The tags of a page in their order, without where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))


def test_a_mail_of_many_links_stays_the_mail_it_was():
    links = "".join(
        f'<mj-button href="https://e.com/{number}?a=1&amp;b={{{{ data.id }}}}">Go</mj-button>'
        f'<mj-image href="https://e.com/i{number}" src="https://e.com/i.png" alt="{number}" />'
        f'<mj-social><mj-social-element name="github" href="https://e.com/s{number}">x'
        "</mj-social-element></mj-social>"
        for number in range(40)
    )
    plain = content(compile_mjml(column(links)), id="ü&<1>")
    made = tracked(plain, BOTH, HEAD, DELIVERY)
    assert plain.html is not None
    assert made.html is not None
    before, after = Outline(plain.html).tags, Outline(made.html).tags
    end = after.index(("/body", ()))
    assert after[end - 2][0] == "img"
    assert after[: end - 2] + after[end:] == before
    led = [way(url) for url in Page(made.html).links]
    assert [one and one.url for one in led] == Page(plain.html).links
    assert len(led) == 160
    mail = compose(made, "anna@example.com", ENVELOPE)
    assert max(map(len, mail.split(b"\r\n"))) <= 998
    part = message_from_bytes(mail, policy=SMTP).get_body(("html",))
    assert part is not None
    assert part.get_content().split() == made.html.split()
