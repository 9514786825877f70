"""Partials and layouts by themselves."""

import pytest

from delivery.rendering.alone import alone
from delivery.rendering.fill import fill, prepare
from models.records import Partial, TemplateKind, TemplateVersion


def piece(source: str, channel: str) -> TemplateVersion:
    return TemplateVersion(
        "brand", 3, channel, "", source, partials=(Partial("brand", 3, "und", source),)
    )


@pytest.mark.parametrize(
    "source",
    [
        "<mj-section><mj-column><mj-text>Bye</mj-text></mj-column></mj-section>",
        "<mj-wrapper><mj-section><mj-column><mj-text>Bye</mj-text></mj-column></mj-section></mj-wrapper>",
        "<mj-column><mj-text>Bye</mj-text></mj-column>",
        "{# said last #}\n<mj-text>Bye</mj-text>",
        "Bye",
    ],
)
def test_a_piece_of_a_mail_is_put_where_it_may_stand(source: str):
    made = alone(piece(source, "email"), TemplateKind.PARTIAL)
    assert made is not None
    assert "Bye" in fill(prepare(made), {}).text


def test_what_belongs_into_the_head_goes_there():
    made = alone(piece("<mj-style>p { color: red }</mj-style>", "email"), TemplateKind.PARTIAL)
    assert made is not None
    assert "color: red" in (fill(prepare(made), {}).html or "")


def test_a_layout_says_what_stands_in_its_blocks():
    source = (
        "<mjml><mj-body><mj-section><mj-column>{% block main %}<mj-text>Nobody</mj-text>"
        "{% endblock %}</mj-column></mj-section></mj-body></mjml>"
    )
    made = alone(piece(source, "email"), TemplateKind.LAYOUT)
    assert made is not None
    assert fill(prepare(made), {}).text.strip() == "Nobody"


@pytest.mark.parametrize("channel", ["email", "in_app"])
def test_definitions_say_nothing_alone(channel: str):
    macros = "{% macro hello(name) %}Hello {{ name }}{% endmacro %}"
    assert alone(piece(macros, channel), TemplateKind.PARTIAL) is None


def test_text_of_other_channels_is_shown_as_it_is():
    made = alone(piece("Bye {{ data.by }}", "in_app"), TemplateKind.PARTIAL)
    assert made is not None
    assert fill(prepare(made), {"data": {"by": "Bo"}}).text == "Bye Bo"
