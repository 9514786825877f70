"""Values that MJML puts up with compile here too."""

import pytest
from mjml import mjml_to_html
from mjml.core import registry

from delivery.rendering.components import LENIENT
from tests.unit.rendering.templates import body, column
from tests.unit.rendering.test_compile import filled

ODD = "", " 10px", "33.33%", "none", "0 auto", "1px solid #000", "{{ data.size }}"
HOLDERS = {
    "mj-section": "<mj-section {}><mj-column><mj-text>x</mj-text></mj-column></mj-section>",
    "mj-wrapper": "<mj-wrapper {}><mj-section><mj-column /></mj-section></mj-wrapper>",
    "mj-column": "<mj-section><mj-column {}><mj-text>x</mj-text></mj-column></mj-section>",
    "mj-hero": "<mj-hero {}><mj-text>x</mj-text></mj-hero>",
    "mj-image": '<mj-section><mj-column><mj-image src="/a" {} /></mj-column></mj-section>',
    "mj-divider": "<mj-section><mj-column><mj-divider {} /></mj-column></mj-section>",
}


@pytest.mark.parametrize("tag", HOLDERS)
def test_no_value_of_any_attribute_stops_the_compiler(tag: str):
    mjml_to_html(body(""))
    for attribute in registry.components[tag].allowed_attrs():
        for value in ODD:
            piece = HOLDERS[tag].format(f'{attribute}="{value}"')
            assert "</html>" in mjml_to_html(body(piece), custom_components=LENIENT).html


def test_a_hero_without_a_picture_is_as_high_as_it_says():
    hero = (
        '<mj-hero mode="fixed-height" height="100px" padding="10px"><mj-text>x</mj-text></mj-hero>'
    )
    assert 'height="80"' in filled(body(hero))
    assert 'height="0"' in filled(body("<mj-hero><mj-text>x</mj-text></mj-hero>"))


def test_what_has_no_number_counts_nothing():
    inner = (
        '<mj-column inner-border="1px solid #000" padding="0 auto"><mj-text>x</mj-text></mj-column>'
    )
    assert "border:1px solid #000" in filled(body(f"<mj-section>{inner}</mj-section>"))
    assert 'height="' not in filled(
        column('<mj-image height="inherit" src="https://example.com/a" />')
    )
