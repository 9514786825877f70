"""Each check finds what it is for, where it is, and leaves alone what only looks like it."""

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from delivery.publishing.findings import Severity
from delivery.publishing.judging import all_checks, findings
from delivery.publishing.material import Sample, Use
from models.records import Class, TemplateVersion
from tests.unit.publishing.proposals import codes, filled, found, item, mail, use

E, W = Severity.ERROR, Severity.WARNING
USUAL = use()
PROMOTIONAL = use(klass=Class.PROMOTIONAL)
MANDATORY = use(mandatory=True)
LINKED = '<mj-text><a href="{{ links.unsubscribe }}">Unsubscribe</a></mj-text>'
ROWS = "{% for row in data.rows %}<mj-text>{{ row.name }}</mj-text>{% endfor %}"
CLOSED = use(schema=json.dumps({"properties": {"page": {"type": "string"}},
    "required": ["page"], "additionalProperties": False, "examples": [{"page": "P"}]}))  # fmt: skip


def text(inside: str, **attributes: str) -> str:
    given = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<mj-text{given}>{inside}</mj-text>"


def link(address: str) -> str:
    return text(f'<a href="{address}">Go</a>')


def style(css: str) -> str:
    return f"<mj-style>{css}</mj-style>"


DARK = "@media (prefers-color-scheme: dark) {{ .page div {{ color: {} !important }} }}"


@dataclass(frozen=True)
class Bad:
    """Words that a check has something against."""

    code: str
    severity: Severity
    version: TemplateVersion
    part: str = "source"
    line: int | None = None
    use: Use = USUAL


BAD = [
    Bad("broken", E, mail("<mj-txt>x</mj-txt>"), line=3),
    Bad("broken", E, mail(subject="{{ data.page"), "subject", 1),
    Bad("cannot-be-filled", E, mail(text("{{ data.note.upper() }}")), line=3),
    Bad("cannot-be-filled", E, item(source="a\n{{ data.note }}"), line=2),
    Bad("no-subject", E, mail(subject="{{ data.note or '' }}"), "subject"),
    Bad("no-preheader", W, mail(preheader=None), "preheader"),
    Bad("long-subject", W, mail(subject="{{ data.page }}" + " and on" * 12), "subject"),
    Bad("long-subject", W, item(subject="word " * 50), "subject"),
    Bad("shouting", W, mail(subject="{{ data.page }} WAS EDITED"), "subject"),
    Bad("shouting", W, mail(subject="Edited!!"), "subject"),
    Bad("large", W, mail(text("{% for n in range(930) %}" + "x" * 100 + "{% endfor %}"))),
    Bad("large", E, mail(text("{% for n in range(1100) %}" + "x" * 100 + "{% endfor %}"))),
    Bad("large", W, mail(ROWS)),
    Bad("markup-in-text", E, mail(text="Hello\n<b>{{ data.page }}</b>"), "text", 2),
    Bad("markup-in-text", E, mail(subject="a &amp; b"), "subject", 1),
    Bad("markup-in-text", E, item(source="one<br/>two"), "source", 1),
    Bad("lost-jinja", E, mail(text("Hello {data.page}")), line=3),
    Bad("lost-jinja", E, mail(subject="Hello *|FNAME|*"), "subject", 1),
    Bad("lost-jinja", E, mail(text("Hello ${recipient.name}")), line=3),
    Bad("insecure-link", W, mail(link("http://www.tidings.se/")), line=3),
    Bad("insecure-link", W, mail('<mj-image alt="" src="http://www.tidings.se/a.png"/>'), line=3),
    Bad("dead-link", E, mail(link("")), line=None),
    Bad("dead-link", E, mail(link("#"))),
    Bad("dead-link", E, mail(link("boards/1")), line=3),
    Bad("dead-link", E, mail(link("http://localhost:3000/{{ data.page }}")), line=3),
    Bad("dead-link", E, mail(link("https://10.0.0.7/x")), line=3),
    Bad("dead-link", E, mail(link("https://www.example.com/")), line=3),
    Bad("dead-link", E, mail(link("https://www.tidings.se/TODO")), line=3),
    Bad("dead-link", E, mail(link("javascript:alert(1)")), line=3),
    Bad("dead-link", E, mail(link("https://notify.tidings.se/x")), line=3),
    Bad("dead-link", E, mail('<mj-image alt="" src="a.png"/>'), line=3),
    Bad("dead-link", W, mail(LINKED), use=MANDATORY),
    Bad("dead-link", W, mail(link("{{ data.note or '' }}"))),
    Bad("no-unsubscribe", E, mail(), use=PROMOTIONAL),
    Bad("no-unsubscribe", E, mail(LINKED, text="Hello"), "text", use=PROMOTIONAL),
    Bad("no-alt", W, mail('<mj-image src="https://www.tidings.se/a.png"/>'), line=3),
    Bad("no-alt", W, mail(text("<img src='https://www.tidings.se/a.png'>")), line=3),
    Bad("no-alt", E, mail('<mj-image alt="" href="https://a.se" src="https://a.se/a.png"/>'),
        line=3),
    Bad("no-sample", W, mail("<mj-text>x</mj-text>", subject="x"), use=use(schema=None)),
    Bad("unescaped", W, mail(text("{{ data.page | safe }}")), line=3),
    Bad("unsafe-css", W, mail(text('<p style="display: flex">x</p>')), line=3),
    Bad("unsafe-css", W, mail(head=style(".a { position:absolute }")), line=1),
    Bad("low-contrast", E, mail(text("pale", color="#eeeeee")), line=3),
    Bad("low-contrast", W, mail(text("grey", color="#888888")), line=3),
    Bad("low-contrast", W, mail(text("big", color="#a0a0a0", font_size="30px")), line=3),
    Bad("low-contrast", E, mail(text("x", css_class="page"), style(DARK.format("#fefefe")))),
    Bad("low-contrast", E, mail('<mj-button background-color="#ff0" color="white">Go</mj-button>')),
    Bad("unknown-variable", E, mail(text("{{ recipient.nmae | default('') }}")), line=3),
    Bad("unknown-variable", E, mail(text("{{ user.name | default('') }}")), line=3),
    Bad("unknown-variable", E, mail(text("{{ data.pgae | default('') }}")), line=3, use=CLOSED),
    Bad("unknown-variable", W, mail(text("{{ data.pgae | default('') }}")), line=3),
    Bad("unknown-variable", W, item(url="{{ data.url | default('') }}"), "url", 1),
]  # fmt: skip

GOOD = {
    "broken": [mail(), item()],
    "cannot-be-filled": [mail(text("{{ data.note | default('', true) | upper }}")), mail(ROWS)],
    "no-subject": [mail(), mail(subject="{{ data.note or 'News' }}")],
    "no-preheader": [mail(), mail(head="<mj-preview>x</mj-preview>", preheader=None), item()],
    "long-subject": [mail(subject="x" * 78), item(subject="x" * 200), mail(subject="{{ count }}")],
    "shouting": [mail(subject="{{ count }} at NASA"), mail(subject="Done!"), item(subject="OK")],
    "large": [
        mail(), mail("{% for row in data.rows[:50] %}<mj-text>x</mj-text>{% endfor %}"), item(),
    ],
    "markup-in-text": [
        mail(subject="1 < 2 & 3 > 2"), item(source="{{ '<b>' }} a<c <3"),
        mail(text="x <https://a.se>"),
    ],
    "lost-jinja": [
        mail(head=style(".a { color: #111 } @media (x) { .b { margin: 0 } }")),
        mail(text("{% raw %}{x}{% endraw %} 100%% sure {} [[VAR]]")),
    ],
    "insecure-link": [mail(link("https://www.tidings.se/")), mail(link("{{ data.page }}")),
                      mail(link("mailto:a@tidings.se"))],
    "dead-link": [
        mail(link("https://www.tidings.se/{{ data.page }}")), mail(LINKED), mail(link("#more")),
        mail(link("{{ data.page }}")), mail(link("mailto:a@tidings.se")), mail(link("tel:+46")),
        mail(link("https://{{ data.page }}.tidings.se/")), mail(text("localhost TODO")),
    ],
    "no-unsubscribe": [mail(), item()],
    "no-alt": [
        mail('<mj-image src="https://a.se/a.png" alt="A"/>'),
        mail(text('<img src="https://a.se/a.png" alt="">')),
        mail('<mj-image href="https://a.se" src="https://a.se/a.png" alt="{{ data.page }}"/>'),
        mail("<!-- <img> --><mj-text>&lt;img&gt;</mj-text>"),
    ],
    "no-sample": [mail()],
    "unescaped": [
        mail(), mail(text("{{ 'safe' }} {{ data.page }}")), item(source="{{ data.page }}"),
    ],
    "unsafe-css": [
        mail(head=style("@media (x) { .a { display: flex } } /* float: left */ .b { color: red }")),
        mail(text('<p style="display:block;max-width:20px">display: flex</p>')),
    ],
    "low-contrast": [
        mail(text("x", color="#767676")), mail(text("x", color="#949494", font_size="24px")),
        mail(text("<span style='display:none;color:white'>x</span>")),
        mail('<mj-button background-color="#414141" color="white">Go</mj-button>'),
        mail(text("x", css_class="page"), style(
            "@media (prefers-color-scheme: dark) { .page div { color: #eee !important }"
            " body, table { background: #111 !important } }")),
        mail(head="<mj-attributes><mj-text color='#fff' container-background-color='#123'/>"
             "</mj-attributes>"),
        mail('<mj-text css-class="page" color="#fff" container-background-color="#eee">x</mj-text>',
             style(".page { background: #111 !important }")),
    ],
    "unknown-variable": [
        mail(text("{{ data.page.upper() }} {{ items[0].data.note }} {{ actors[0] }} {{ count }}")),
        mail(ROWS), mail(text("{{ recipient.attributes.plan | default('') }} {{ event.actor }}")),
        mail("{% set x = data.page %}<mj-text>{{ x.lower() }} {{ range(3) | list }}</mj-text>"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.code} {bad.version.source[-80:-40]!r}")
def test_finds(bad: Bad):
    said = found(bad.version, bad.use, hosts=frozenset({"notify.tidings.se"}))
    places = [(one.remark.severity, one.remark.part, one.remark.line) for one in said
              if one.code == bad.code]  # fmt: skip
    assert any(place[:2] == (bad.severity, bad.part) for place in places), said
    assert bad.line is None or bad.line in [line for _, _, line in places], said


@pytest.mark.parametrize(
    ("code", "version"), [(code, one) for code, some in GOOD.items() for one in some]
)
def test_leaves_alone(code: str, version: TemplateVersion):
    assert code not in codes(version, use())


@pytest.mark.parametrize("version", [mail(LINKED), mail(LINKED, text="{{ links.preferences }}")])
def test_one_can_unsubscribe_from_what_is_promotional(version: TemplateVersion):
    assert "no-unsubscribe" not in codes(version, PROMOTIONAL)


def test_every_check_is_tried_both_ways():
    apart = {"over-budget", "no-translation"}
    assert {bad.code for bad in BAD} | apart == set(all_checks()) == GOOD.keys() | apart


def test_a_fill_that_was_broken_off_is_over_budget():
    [words] = filled(mail())
    broken_off = replace(words.filled[0], content=None)
    said = findings([replace(words, filled=(broken_off, *words.filled[1:]))])
    assert [one.code for one in said] == ["over-budget"]


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [({"en", "en-GB"}, ""), ({"de-AT", "en", "sv_SE"}, "de, sv"), (set(), "")],
)
def test_says_once_which_languages_are_missing(wanted: set[str], missing: str):
    said = found(mail(), wanted=frozenset(wanted))
    assert [one.code for one in said] == (["no-translation"] if missing else [])
    assert not missing or missing in said[0].remark.said


def test_what_was_real_tells_more_than_a_schema():
    sample = Sample("page.edited", {"page": "P", "rows": [], "url": "https://a.se/"})
    version = mail(text("{{ data.url | default('') }}"))
    assert "unknown-variable" in codes(version)
    assert "unknown-variable" not in codes(version, samples=(sample,))


def test_the_same_is_said_once_with_how_many_it_meets():
    version = mail("<mj-text>x</mj-text>", subject="{{ data.rows.x.y }}", text="")
    [one] = [one for one in found(version) if one.code == "cannot-be-filled"]
    assert "more" in one.remark.said
    assert one.remark.case


def test_nothing_is_said_of_a_value_itself():
    secret = Sample("page.edited", {"page": "hunter2", "rows": "hunter2"})
    said: list[Any] = found(mail(text("{{ data.rows.x }} {{ data.rows / 2 }}")), samples=(secret,))
    assert said
    assert "hunter2" not in str(said)
