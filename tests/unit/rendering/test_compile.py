"""Compiling MJML: every kind of template, and nothing lost on the way."""

import pytest

from delivery.errors import RenderingError
from delivery.rendering.compile import compile_mjml
from delivery.rendering.fill import fill, prepare
from delivery.rendering.tokens import Kind as TokenKind, protect, tokens
from models.records import TemplateVersion
from tests.unit.rendering.templates import DATA, KINDS, Kind, body, column


def version(source: str, **more: str) -> TemplateVersion:
    return TemplateVersion("t", 1, "email", "Subject", source, **more)


def filled(source: str, **more: str) -> str:
    content = fill(prepare(version(source, **more)), {"data": DATA})
    assert content.html is not None
    return content.html


def problems_of(source: str) -> list[str]:
    with pytest.raises(RenderingError) as caught:
        compile_mjml(source)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_compiles_and_fills(kind: Kind):
    html = filled(kind.source)
    for piece in kind.shown:
        assert piece in html
    for piece in kind.hidden:
        assert piece not in html
    assert "qjx" not in html


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_piece_of_jinja_is_in_the_compiled_html(kind: Kind):
    compiled = compile_mjml(kind.source)
    for token in tokens(kind.source):
        if token.kind in {TokenKind.EXPRESSION, TokenKind.STATEMENT}:
            assert token.text in compiled


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_lines_are_short_and_end_in_crlf(kind: Kind):
    html = filled(kind.source)
    assert html.count("\r\n") == html.count("\n") == html.count("\r")
    assert max(map(len, html.split("\r\n"))) < 900


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_text_part_can_be_derived_and_filled(kind: Kind):
    content = fill(prepare(version(kind.source)), {"data": DATA})
    assert "qjx" not in content.text
    assert "<td" not in content.text


def test_says_what_the_compiler_would_lose():
    head = '<mj-style inline="inline">.nowhere { color: {{ data.colour }}; }</mj-style>'
    (problem,) = problems_of(column("<mj-text>t</mj-text>", "\n" + head))
    assert problem == "line 2: {{ data.colour }} has no place in the HTML that is made of it"


def test_says_when_an_element_does_not_write_its_attribute():
    (problem,) = problems_of(body('<mj-section full-width="{{ data.yes }}"></mj-section>'))
    assert "{{ data.yes }} has no place" in problem


def test_the_preheader_becomes_the_hidden_preview():
    html = filled(column("<mj-text>t</mj-text>"), preheader="Tom & {{ data.name }} <3")
    assert "Tom &amp; Zoë &lt;b&gt; &lt;3" in html
    assert html.index("Tom &amp;") < html.index(">t<")


def test_the_preheader_joins_a_head_that_is_there():
    html = filled(column("<mj-text>t</mj-text>", "<mj-title>T</mj-title>"), preheader="Pre")
    assert "Pre" in html
    assert html.count("<title>") == 1


def test_a_preview_in_the_source_wins_over_the_preheader():
    source = column("<mj-text>t</mj-text>", "<mj-preview>Mine</mj-preview>")
    html = filled(source, preheader="Other")
    assert "Mine" in html
    assert "Other" not in html


def test_a_broken_preheader_is_named():
    with pytest.raises(RenderingError, match="preheader: "):
        compile_mjml(column("<mj-text>t</mj-text>"), "{{ oh")


def test_long_lines_are_folded_between_tags_and_words():
    words = " ".join(["lorem"] * 1000)
    links = "".join(f'<a href="https://example.com/{n}">l{n}</a>' for n in range(100))
    compiled = compile_mjml(column(f"<mj-text><p>{words}</p>{links}</mj-text>"))
    assert max(map(len, compiled.split("\n"))) < 500
    assert compiled.count("lorem") == 1000
    assert compiled.replace("\n", " ").count('<a href="https://example.com/') == 100


def test_folding_leaves_attribute_values_alone():
    alt = "a description " * 60
    compiled = compile_mjml(column(f'<mj-image src="a.png" alt="{alt}"/>'))
    assert alt in compiled


def test_a_long_style_sheet_is_folded_between_its_rules():
    rules = "".join(f".c{n}{{color:red}}" for n in range(300))
    compiled = compile_mjml(column("<mj-text>t</mj-text>", f"<mj-style>{rules}</mj-style>"))
    assert max(map(len, compiled.split("\n"))) < 500
    assert all(f".c{n}{{color:red}}" in compiled.replace("\n", "") for n in range(300))


def test_a_placeholder_of_ours_in_the_source_is_left_alone():
    html = filled(column("<mj-text>qjx0x {{ data.yes }} QJX1X</mj-text>"))
    assert "qjx0x True QJX1X" in html


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline_in_the_source_gives_the_same_html(newline: str):
    source = column("\n<mj-text>\na\n{{ data.name }}\n</mj-text>\n")
    assert compile_mjml(source.replace("\n", newline)) == compile_mjml(source)


@pytest.mark.parametrize(
    "source",
    [
        "a {{ b }} c",
        "a {%- if x -%} b {%- endif %} c",
        "{% raw %}{{ x }}{% endraw %}",
        "{# c #}{{ '}}' }}{{ {'a': {}} }}",
        "\n\n  {%- set x = 1 +%}\n",
        "no jinja",
        "",
    ],
)
def test_cutting_a_template_at_its_jinja_loses_nothing(source: str):
    assert "".join(token.text for token in tokens(source)) == source
    protected = protect(source)
    assert protected.restored(protected.text) == source


def test_refuses_a_source_that_is_far_too_long():
    assert "longer than" in problems_of(column("x" * 600_000))[0]


def test_a_crash_of_the_compiler_is_a_problem_and_no_traceback():
    named = '<mj-html-attribute name="x">1</mj-html-attribute>'
    head = f'<mj-html-attributes><mj-selector path="[">{named}</mj-selector></mj-html-attributes>'
    source = body("", head)
    (problem,) = problems_of(source)
    assert "compiler stopped" in problem
