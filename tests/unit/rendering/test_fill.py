"""Filling: what a recipient gets, and what an author reads when that cannot be made."""

import pytest

from delivery.errors import RenderingError
from delivery.rendering.fill import Template, fill, one_line, prepare, variables
from models.records import TemplateVersion
from tests.unit.rendering.templates import column

CONTEXT = {
    "data": {"page": "Start <1>", "url": "/p/1", "secret": "hunter2", "items": [1, 2]},
    "recipient": {"id": "anna", "name": "Anna", "locale": "de", "timezone": "Europe/Berlin"},
    "links": {"unsubscribe": None},
}


def in_app(source: str, subject: str = "s", url: str | None = None) -> Template:
    return prepare(TemplateVersion("t", 1, "in_app", subject, source, url=url))


def email(source: str, subject: str = "s", **more: str) -> Template:
    return prepare(TemplateVersion("t", 1, "email", subject, source, **more))


def failure(template: Template, context: dict[str, object] | None = None) -> str:
    with pytest.raises(RenderingError) as caught:
        fill(template, CONTEXT if context is None else context)
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


def test_in_app_text_is_not_escaped_and_has_no_html():
    content = fill(
        in_app("{{ data.page }}\nbye", "About {{ data.page }}", "{{ data.url }}"), CONTEXT
    )
    assert content.text == "Start <1>\nbye"
    assert content.subject == "About Start <1>"
    assert content.html is None
    assert content.url == "/p/1"


def test_mail_escapes_html_but_not_text_and_subject():
    source = column("<mj-text>{{ data.page }}</mj-text>")
    content = fill(email(source, "{{ data.page }}", text="Text {{ data.page }}\n"), CONTEXT)
    assert "Start &lt;1&gt;" in (content.html or "")
    assert content.text == "Text Start <1>"
    assert content.subject == "Start <1>"


def test_the_author_s_text_wins_over_the_derived_one():
    source = column("<mj-text>From HTML</mj-text>")
    assert fill(email(source), CONTEXT).text.strip() == "From HTML"
    assert fill(email(source, text="Mine"), CONTEXT).text == "Mine"


def test_a_compiled_version_is_not_compiled_again():
    version = TemplateVersion("t", 1, "email", "s", "not even MJML", compiled="<p>{{ data.page }}")
    assert fill(prepare(version), CONTEXT).html == "<p>Start &lt;1&gt;"


def test_a_version_compiled_elsewhere_still_says_what_is_missing():
    version = TemplateVersion("t", 1, "email", "s", "{{ not Jinja", compiled="<p>{{ data.gone }}")
    assert failure(prepare(version)) == "line 1: 'gone' is missing"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("a\nb", "a b"),
        ("a\r\n  b\tc", "a b c"),
        ("  a  ", "a"),
        ("a\x00\x1b\x7fb", "a b"),
        ("a\u2028b\x85c", "a b c"),
        ("Zoë — ok", "Zoë — ok"),
        ("a  b", "a  b"),
    ],
)
def test_a_subject_is_one_line(subject: str, expected: str):
    assert one_line(subject) == expected
    assert fill(in_app("x", "{{ data.s }}"), {"data": {"s": subject}}).subject == expected


def test_a_missing_variable_is_named_with_its_path_and_the_line_of_the_source():
    source = column("\n\n<mj-text>\n  {{ data.page }}\n  {{ data.order.id }}</mj-text>")
    assert failure(email(source)) == "line 5: 'data.order' is missing"


def test_a_missing_item_of_a_loop_is_named_by_the_loop_variable():
    source = "{% for row in data.rows %}\n{{ row.title }}{% endfor %}"
    assert failure(in_app(source), {"data": {"rows": [{}]}}) == "line 2: 'row.title' is missing"


def test_a_missing_variable_in_the_subject_says_so():
    template = in_app("fine", "Hi {{ data.who }}")
    assert failure(template) == "line 1: subject: 'data.who' is missing"


def test_missing_variables_of_several_parts_are_all_told():
    template = in_app("\n{{ data.b }}", "{{ data.a }}", "{{ data.c }}")
    assert failure(template) == (
        "line 1: subject: 'data.a' is missing; line 2: 'data.b' is missing; "
        "line 1: url: 'data.c' is missing"
    )


def test_a_missing_variable_in_the_preheader_says_so():
    template = email(column("<mj-text>t</mj-text>"), preheader="{{ data.a }}")
    assert failure(template) == "line 1: preheader: 'data.a' is missing"


def test_a_missing_context_is_a_missing_variable():
    assert failure(in_app("{{ data.page }}"), {}) == "line 1: 'data' is missing"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ data.page + 1 }}", 'can only concatenate str (not "int") to str'),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ data.secret|currency('EUR') }}", "expected a number"),
        ("{{ data.secret|date }}", "expected a date like 2026-11-22T09:30:00Z"),
        ("{% for x in 5 %}{% endfor %}", "'int' object is not iterable"),
        ("{{ data.items }}", "a list cannot be written as text"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "RecursionError"),
    ],
)
def test_says_what_cannot_be_done_and_where(source: str, words: str):
    said = failure(in_app("\n" + source))
    assert said.startswith("line 2: ")
    assert words in said


def test_null_is_written_as_nothing():
    assert fill(in_app("[{{ links.unsubscribe }}]"), CONTEXT).text == "[]"


def test_default_helps_a_missing_variable():
    assert fill(in_app("{{ data.nobody|default('you') }}"), CONTEXT).text == "you"


def test_a_key_called_like_a_method_is_the_key():
    assert fill(in_app("{{ data.items|length }}"), CONTEXT).text == "2"
    assert fill(in_app("{% for k, v in data.items() %}{% endfor %}"), {"data": {}}).text == ""


@pytest.mark.parametrize(
    "url", ["https://e.com/a?b=c", "http://e.com", "HTTPS://E.com", "/", "/inbox?x=1#y", ""]
)
def test_takes_a_url_of_the_web_or_a_path(url: str):
    content = fill(in_app("x", url="{{ data.url }}"), {"data": {"url": url}})
    assert content.url == (url or None)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:x", "data:text/html,x",
        "//evil.com", "/\\evil.com", "\\/evil.com", "https:evil.com", "java\nscript:x", "x",
        "vbscript:x", "/a b", "/a\nb", "https://a\\@b", "/\t/evil.com", "mailto:a@b.c", "\x01/x",
        "http:///\x00", "/a\u2028b", "https://",
    ],
)  # fmt: skip
def test_refuses_any_other_url(url: str):
    template = in_app("x", url="{{ data.url }}")
    assert "url: must be" in failure(template, {"data": {"url": url}})


def test_templates_that_cannot_be_read_are_refused_with_their_line():
    with pytest.raises(RenderingError, match="line 2: "):
        in_app("\n{{ oh")
    with pytest.raises(RenderingError, match="subject: "):
        in_app("fine", "{{ oh")
    with pytest.raises(RenderingError, match="text: "):
        email(column(""), text="{% if %}")


def test_very_deep_nesting_is_a_problem_and_no_crash():
    with pytest.raises(RenderingError, match="nested too deeply"):
        in_app("{{ " + "(" * 5_000 + ")" * 5_000 + " }}")


def test_variables_are_listed_as_dotted_paths():
    version = TemplateVersion(
        "t",
        1,
        "email",
        "{{ data.title }}",
        column(
            "{% set mine = data.a.b %}{% for row in data['rows'] %}<mj-text>{{ row.x }} {{ mine }}"
            "{{ recipient.name|default('x') }}{{ range(3)|length }}</mj-text>{% endfor %}"
        ),
        preheader="{{ data.pre }}",
        text="{{ data.only_text }}",
        url="{{ links.open }}",
    )
    assert variables(version) == [
        "data.a.b",
        "data.only_text",
        "data.pre",
        "data.rows",
        "data.title",
        "links.open",
        "recipient.name",
    ]


def test_variables_of_an_unreadable_part_are_an_error():
    with pytest.raises(RenderingError, match="subject: "):
        variables(TemplateVersion("t", 1, "in_app", "{{", "x"))
