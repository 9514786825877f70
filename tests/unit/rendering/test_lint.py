"""What is wrong with a template is said with the line it is wrong in."""

import pytest

from delivery.rendering.lint import problems
from tests.unit.rendering.templates import KINDS, Kind, body, column


def said(source: str) -> list[str]:
    return [str(problem) for problem in problems(source)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_finds_nothing_wrong_with_what_is_right(kind: Kind):
    assert said(kind.source) == []


WRONG = {
    "an unknown element": (column("\n<mj-txt>t</mj-txt>"), "line 2: unknown element <mj-txt>"),
    "an unknown attribute": (
        column('\n\n<mj-text colour="red">t</mj-text>'),
        'line 3: unknown attribute "colour" on <mj-text>',
    ),
    "the wrong parent": (
        body("\n<mj-text>t</mj-text>"),
        "line 2: <mj-text> cannot be inside <mj-body>, only inside <mj-column> or <mj-hero>",
    ),
    "a column in a column": (
        column("<mj-column></mj-column>"),
        "line 1: <mj-column> cannot be inside <mj-column>, only inside <mj-group> or <mj-section>",
    ),
    "an unclosed text": (
        column("\n<mj-text>t\n"),
        "line 3: <mj-text> of line 2 is not closed before </mj-column>",
    ),
    "an unclosed image": (
        column("\n<mj-image src='a.png'>\n<mj-text>t</mj-text>"),
        "line 3: <mj-text> cannot be inside <mj-image>",
    ),
    "a stray end": (
        "<mjml><mj-body></mj-section></mj-body></mjml>",
        "line 1: </mj-section> does not close <mj-body> of line 1",
    ),
    "text in a column": (
        column("\nHello"),
        "text directly inside <mj-column>: put it into <mj-text>",
    ),
    "HTML in a column": (
        column("\n<p>x</p>"),
        "line 2: <p> is not MJML: put HTML inside <mj-text> or <mj-raw>",
    ),
    "an expression in a column": (
        column("\n\n{{ data.x }}"),
        "line 3: {{ data.x }} directly inside <mj-column>: put it into <mj-text>",
    ),
    "an include": (
        body("\n<mj-include path='../../etc/passwd'/>"),
        "line 2: <mj-include> takes one name",
    ),
    "no body": ("<mjml>\n</mjml>", "line 1: there is no <mj-body> inside <mjml>"),
    "nothing at all": ("", "line 1: there is no <mj-body> inside <mjml>"),
    "text outside": ("hello\n" + column(""), "line 1: text outside of <mjml>"),
    "a duplicate attribute": (
        column("\n<mj-text color='a' color='b'>t</mj-text>"),
        'line 2: "color" is given twice on <mj-text>',
    ),
    "Jinja between attributes": (
        column("<mj-text {% if x %}color='a'{% endif %}>t</mj-text>"),
        "line 1: Jinja between the attributes of <mj-text>: put it into a value",
    ),
    "Jinja in a calculated attribute": (
        column("\n<mj-text padding='{{ data.x }}px'>t</mj-text>"),
        'line 2: "padding" is calculated with, so it cannot hold Jinja',
    ),
    "a statement in the head": (
        column("", "\n{% if data.x %}<mj-style>a{}</mj-style>{% endif %}"),
        "line 2: {% if data.x %} directly inside <mj-head> has no place there",
    ),
    "half a statement in raw head": (
        column("", "\n<mj-raw>{% if data.x %}</mj-raw><mj-raw>{% endif %}</mj-raw>"),
        ("line 2: {% if %} of line 2 begins inside <mj-raw> but {% endif %} is inside <mj-raw>: "
        "keep a block within one element"),
    ),
    "a statement in a carousel": (
        column("<mj-carousel>{% if x %}<mj-carousel-image/>{% endif %}</mj-carousel>"),
        "line 1: {% if x %} directly inside <mj-carousel> has no place there",
    ),
    "a block over two columns": (
        body("<mj-section><mj-column>\n{% if x %}</mj-column><mj-column>\n{% endif %}"
             "</mj-column></mj-section>"),
        ("line 3: {% if %} of line 2 begins inside <mj-column> but {% endif %} is inside "
        "<mj-column>: keep a block within one element"),
    ),
    "a block that begins in a value": (
        column("\n<mj-text color='{% if x %}a'>t{% endif %}</mj-text>"),
        "line 2: {% if %} is never closed",
    ),
    "an unclosed block": (
        column("\n{% for a in b %}\n<mj-text>t</mj-text>"),
        "line 2: {% for %} is never closed",
    ),
    "an end without a beginning": (
        column("\n\n{% endif %}"),
        "line 3: {% endif %} closes nothing",
    ),
    "crossed blocks": (
        column("{% if a %}\n{% for b in c %}\n{% endif %}{% endfor %}"),
        "line 3: {% endif %} does not close {% for %} of line 2",
    ),
    "an else without an if": (column("\n{% else %}"), "line 2: {% else %} outside of any block"),
    "a file": (
        column("\n{% include 'x' %}"),
        "line 2: {% include %} is not available here",
    ),
    "an unclosed expression": (
        column("\n<mj-text>{{ data.x </mj-text>"),
        "line 2: ",
    ),
    "an unknown tag": (
        column("\n\n<mj-text>{% foo %}</mj-text>"),
        "line 3: Encountered unknown tag 'foo'.",
    ),
    "an expression that is none": (
        column("\n<mj-text>{{ 1 + }}</mj-text>"),
        "line 2: unexpected 'end of print statement'",
    ),
    "an unknown filter": (
        column("\n<mj-text>{{ data.x|shout }}</mj-text>"),
        "line 2: No filter named 'shout'.",
    ),
    "elements in mj-class": (
        column("", "<mj-attributes>\n<mj-class name='a'><mj-text color='b'/></mj-class>"
               "</mj-attributes>"),
        "line 2: <mj-text> cannot be inside <mj-class>",
    ),
    "MJML inside text": (
        column("\n<mj-text><mj-button>x</mj-button></mj-text>"),
        "line 2: <mj-button> inside <mj-text> would not be compiled",
    ),
    "MJML in a macro": (
        "{% macro m() %}<mj-text>t</mj-text>{% endmacro %}" + column(""),
        "line 1: <mj-text> outside of <mjml>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_reports(name: str):
    source, expected = WRONG[name]
    assert any(expected in problem for problem in said(source)), said(source)


def test_lines_count_through_jinja_of_several_lines():
    source = column("\n{% if\n data.x\n %}{# a\nb #}\n<mj-txt/>{% endif %}")
    assert said(source) == ["line 6: unknown element <mj-txt>"]


def test_lines_count_through_attributes_of_several_lines():
    source = column("\n<mj-image src='{{\n data.x }}'\n alt='a'/>\n<mj-txt/>")
    assert said(source) == ["line 5: unknown element <mj-txt>"]


def test_says_of_an_unknown_element_only_that():
    assert said(column("\n<mj-txt>{{ data.x }}</mj-txt>")) == ["line 2: unknown element <mj-txt>"]


def test_reports_everything_at_once_in_order_of_lines():
    source = column("\n<mj-a/>\n<mj-b/>\n<mj-c/>")
    assert [problem.line for problem in problems(source)] == [2, 3, 4]
