"""The links of a mail: which are counted, and that marking them changes nothing else."""

import pytest
from hypothesis import given, strategies as st

from delivery.rendering.anchors import Anchor, anchors, marked, replaced, unmarked
from delivery.rendering.compile import compile_mjml
from delivery.rendering.fill import fill, prepare
from models.records import TemplateVersion
from tests.unit.rendering.templates import DATA, KINDS, Kind, column


def found(html: str) -> list[tuple[str, str]]:
    return [(each.href, each.text) for each in anchors(html)]


@pytest.mark.parametrize(
    ("html", "links"),
    [
        (
            '<a href="https://e.com/a?b=1&amp;c=2">Go <b>on</b></a>',
            [("https://e.com/a?b=1&c=2", "Go on")],
        ),
        ("<a class='x' HREF = 'http://e.com'>A &amp; B</a>", [("http://e.com", "A & B")]),
        (
            '<a href="{{ data.url }}"><img src="i" alt="Our logo"></a>',
            [("{{ data.url }}", "Our logo")],
        ),
        (
            '<a href="{% if data.x %}https://a.b{% endif %}">x</a>',
            [("{% if data.x %}https://a.b{% endif %}", "x")],
        ),
        ("<a href=\"{{ data['url'] }}\">x</a>", [("{{ data['url'] }}", "x")]),
        ('<a href="{{ data.links.shop }}">x</a>', [("{{ data.links.shop }}", "x")]),
        ('<!--[if !mso]><!--><a href="https://a.b">x</a><!--<![endif]-->', [("https://a.b", "x")]),
        ('<a href="{{ links.unsubscribe }}">no more</a>', []),
        ("<a href=\"{{ links['preferences'] }}\">choose</a>", []),
        (
            '<a href="mailto:a@b.c">x</a><a href="tel:1">x</a><a href="#top">x</a><a href="">x</a>',
            [],
        ),
        ('<a href="javascript:x()">x</a><a href="/path">x</a><a name="top">x</a>', []),
        ('<a tidings-track="off" href="https://a.b">x</a>', []),
        ("<a href='https://a.b' tidings-track=off>x</a>", []),
        ('<a data-href="https://a.b">x</a><abbr href="https://a.b">x</abbr>', []),
        ('<!--[if mso]><a href="https://a.b">x</a><![endif]-->', []),
        ("<style>a { content: '<a href=\"https://a.b\">x</a>' }</style>", []),
        ("{# <a href='https://a.b'>x</a> #}", []),
    ],
)
def test_finds_the_links_that_can_be_counted(html: str, links: list[tuple[str, str]]):
    assert found(html) == links


def test_numbers_them_in_their_order():
    html = '<a href="https://a.b/1">x</a><a href="tel:1">y</a><a href="https://a.b/1">z</a>'
    assert anchors(html) == [Anchor(1, "https://a.b/1", "x"), Anchor(2, "https://a.b/1", "z")]


def test_a_button_can_be_left_out():
    head = (
        '<mj-html-attributes><mj-selector path=".quiet a"><mj-html-attribute name="tidings-track">'
        "off</mj-html-attribute></mj-selector></mj-html-attributes>"
    )
    button = '<mj-button {}href="https://a.b">x</mj-button>'
    assert len(found(compile_mjml(column(button.format(""), head)))) == 1
    assert found(compile_mjml(column(button.format('css-class="quiet" '), head))) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_marking_changes_nothing_people_read(kind: Kind):
    compiled = compile_mjml(kind.source)
    version = TemplateVersion("t", 1, "email", "s", "", text="t", compiled=compiled)
    context = {"data": DATA, "links": {"unsubscribe": None}}
    plain, noted = fill(prepare(version), context), fill(prepare(version, mark=True), context)
    assert noted.html == plain.html
    assert noted.digest() == plain.digest()
    assert plain.marked is None
    assert noted.marked is not None
    assert noted.marked.count("\0") % 3 == 0


def test_a_loop_repeats_a_link_under_one_number():
    html = '{% for row in rows %}<a href="https://a.b/{{ row }}">x</a>{% endfor %}'
    version = TemplateVersion("t", 1, "email", "s", "", text="t", compiled=html)
    content = fill(prepare(version, mark=True), {"rows": [7, 8]})
    seen: list[tuple[int, str]] = []
    replaced(content.marked or "", lambda number, href: seen.append((number, href)) or "")
    assert seen == [(1, "https://a.b/7"), (1, "https://a.b/8"), (0, "")]


def test_the_place_of_the_open_is_the_end_of_the_body():
    assert marked("<body>x</body></html>") == "<body>x\x000\0\0</body></html>"
    assert marked("no body at all") == "no body at all\x000\0\0"


@given(st.lists(st.sampled_from(["\0", "1", "x", "</body>", '<a href="https://a.b">']), max_size=9))
def test_nuls_of_its_author_come_to_no_harm(pieces: list[str]):
    html = "".join(pieces)
    assert "\0" not in unmarked(html)
    assert "\0" not in replaced(html, lambda number, href: f"{number}{href}")
