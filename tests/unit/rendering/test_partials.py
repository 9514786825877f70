"""What templates include: put in place, found again by line, never from outside the store."""

import pytest

from delivery.errors import RenderingError
from delivery.rendering.compile import compile_mjml
from delivery.rendering.fill import asked, fill, prepare
from delivery.rendering.partials import DEEPEST, whole
from models.records import Partial, TemplateVersion
from tests.unit.rendering.templates import body, column

STORE = {
    "footer": "<mj-section><mj-column><mj-text>"
    '{% include "sign" %}</mj-text></mj-column></mj-section>',
    "sign": "Yours, {{ data.by }}",
    "buttons": '{% macro primary(to, words="Open") %}<a href="{{ to }}">{{ words }}</a>'
    "{% endmacro %}{% macro _hidden() %}{% endmacro %}not shown",
    "brand": "<mjml><mj-body><mj-section><mj-column>\n{% block main %}<mj-text>None</mj-text>"
    '{% endblock %}\n</mj-column></mj-section><mj-include path="footer"/></mj-body></mjml>',
    "broken": "<mj-section>\n<mj-what /></mj-section>",
    "circle": '{% include "round" %}',
    "round": '{% include "circle" %}',
    "lines": "one\n{{ data.gone }}",
    "shop": '{% extends "brand" %}{% block main %}{{ super() }}<mj-text>Shop</mj-text>'
    "{% endblock %}",
    **{f"deep{n}": f'{{% include "deep{n + 1}" %}}' for n in range(DEEPEST + 1)},
    "wide": '{% include "big" %}' * 9,
    "big": "x" * 100_000,
}


def version(source: str, channel: str = "in_app", **more: str) -> TemplateVersion:
    partials = tuple(Partial(key, 1, "und", text) for key, text in STORE.items())
    return TemplateVersion("t", 1, channel, "S", source, partials=partials, **more)


def text(source: str, **data: object) -> str:
    return fill(prepare(version(source)), {"data": {"by": "Bo", **data}}).text


def html(source: str) -> str:
    return fill(prepare(version(source, "email")), {"data": {"by": "Bo"}}).html or ""


def refused(source: str) -> str:
    with pytest.raises(RenderingError) as caught:
        prepare(version(source, "email" if "<mj" in source else "in_app"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "filled"),
    [
        ('Hi. {% include "sign" %}', "Hi. Yours, Bo"),
        ("Hi. {% include './sign.mjml' with context %}!", "Hi. Yours, Bo!"),
        ('Hi.\n{%- include "sign" -%}\n!', "Hi.Yours, Bo!"),
        ('{% import "buttons" as b %}{{ b.primary("/x", words="Go") }}', '<a href="/x">Go</a>'),
        ('{% from "buttons" import primary %}{{ primary("/x") }}', '<a href="/x">Open</a>'),
        ('{% from "buttons" import primary as p %}{{ p("/x") }}', '<a href="/x">Open</a>'),
        ('{% raw %}{% include "sign" %}{% endraw %}', '{% include "sign" %}'),
        ("Nothing important to import, included or extended.",) * 2,
    ],
)
def test_pieces_stand_where_they_are_included(source: str, filled: str):
    assert text(source) == filled


def test_mjml_is_included_and_layouts_are_filled():
    page = html(body('<mj-include path="./footer.mjml" />'))
    assert page.count("Yours, Bo") == 1

    page = html('{% extends "brand" %}{% block main %}<mj-text>Mine</mj-text>{% endblock %}')
    assert "Mine" in page
    assert "None" not in page
    assert "Yours, Bo" in page


def test_a_layout_may_extend_another_and_keep_what_it_says():
    page = html(
        '{% extends "shop" %}{% block main %}{{ super() }}<mj-text>Mine</mj-text>{% endblock %}'
    )
    assert page.index("None") < page.index("Shop") < page.index("Mine") < page.index("Yours")
    assert "None" in html('{% extends "brand" %}')


def test_a_comment_includes_nothing():
    assert "Yours" not in html(column('<!-- {{ 1 }} <mj-include path="footer" /> -->'))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('\n{% include "singn" %}', "line 2: there is no partial singn: do you mean sign?"),
        ('{% include "../etc/passwd" %}', 'line 1: "../etc/passwd" is not in the store'),
        ('{% include "/etc/passwd" %}', "is not in the store"),
        ("{% include data.x %}", '{% include %} takes one name: {% include "footer" %}'),
        ('\n{% include "circle" %}', "line 2: in round, line 1: circle would include itself"),
        ('{% include "deep0" %}', f"more than {DEEPEST} pieces lie within each other"),
        ('{% include "wide" %}', "line 1: in big, line 1: longer than 500,000 characters"),
        ('{% from "buttons" import primery %}', "buttons defines no primery: do you mean primary?"),
        ('{% import "buttons" %}', '{% import %} is written {% import "buttons" as b %}'),
        ('{% macro primary() %}{% endmacro %}\n{% import "buttons" as b %}', "line 2: in buttons"),
        ('{% extends "brand" %}\nlost', "line 2: outside of its blocks nothing is shown"),
        ('{% extends "brand" %}{% block gone %}{% endblock %}', "there is no block gone in brand"),
        ('{% extends "brand" %}{% block main %}', "this is never closed"),
        (body('<mj-include path="broken" />'), "in broken, line 2: unknown element <mj-what>"),
        (body('<mj-include path="https://x.test/a.mjml" />'), "is not in the store"),
        (body('<mj-include path="a.css" type="css" />'), "takes MJML only"),
        (body("\n<mj-include />"), "line 2: <mj-include> needs a path"),
        (body('<mj-include path="{{ data.x }}" />'), "takes one name without Jinja"),
    ],
)  # fmt: skip
def test_what_cannot_be_included_is_refused_by_line(source: str, said: str):
    assert said in refused(source)


def test_what_is_missing_is_found_in_the_piece_that_asks():
    with pytest.raises(RenderingError, match=r"line 3: in lines, line 2: 'data\.gone' is missing"):
        fill(prepare(version('a\nb\n{% include "lines" %}')), {"data": {}})


def test_variables_of_pieces_are_asked_for_where_they_are_included():
    found = {(one.line, one.path) for one in asked(version('a\n{% include "sign" %}'))}
    assert (2, ("data", "by")) in found


def test_what_is_used_is_told_also_of_pieces_of_pieces():
    assert whole('{% extends "brand" %}', STORE).used == {"brand", "footer", "sign"}


def test_a_mail_says_what_language_it_is_in_and_which_way_it_runs():
    words = column("<mj-text>x</mj-text>")
    assert '<html lang="de" dir="ltr"' in compile_mjml(words, locale="de")
    arabic = compile_mjml(words, locale="ar")
    assert '<html lang="ar" dir="rtl"' in arabic
    assert "text-align:right" in arabic
    assert "direction:ltr" not in arabic
    own = compile_mjml(words.replace("<mjml>", '<mjml lang="fa">'), locale="ar")
    assert '<html lang="fa" dir="rtl"' in own
