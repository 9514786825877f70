"""A version takes along what it includes, in its own language where there is one."""

from dataclasses import replace

import pytest

from delivery.errors import RenderingError
from delivery.rendering.saving import complete, partials_in, remade
from models.records import Partial, TemplateVersion
from tests.unit.rendering.templates import column


def partial(key: str, source: str, locale: str = "en", number: int = 3) -> TemplateVersion:
    return TemplateVersion(key, number, "email", "", source, locale=locale)


LIVE = (
    partial("bye", "Bye"),
    partial("bye", "Tschüss", "de"),
    partial("sign", '{% include "bye" %}, {{ data.by }}'),
    partial("unused", "x"),
)
MAIL = TemplateVersion(
    "t", 1, "email", "S", column('<mj-text>{% include "sign" %}</mj-text>'), locale="de-AT"
)


def test_each_partial_speaks_the_nearest_language():
    assert partials_in("de-AT", LIVE)["bye"] == Partial("bye", 3, "de", "Tschüss")
    assert partials_in("fr", LIVE)["bye"].source == "Bye"


def test_a_version_takes_along_what_it_uses_and_nothing_else():
    made = complete(MAIL, LIVE)
    assert [each.key for each in made.partials] == ["bye", "sign"]
    assert made.compiled is not None
    assert "Tschüss, {{ data.by }}" in made.compiled
    assert complete(made, LIVE) == made


def test_its_text_part_may_include_too():
    made = complete(replace(MAIL, source=column(""), text='{% include "bye" %}'), LIVE)
    assert [each.key for each in made.partials] == ["bye"]


def test_a_changed_partial_makes_the_next_version_in_the_same_words():
    made = complete(MAIL, LIVE)
    changed = (partial("bye", "Ciao", number=4), *LIVE[2:])
    (after,) = remade([made], 2, changed)
    assert (after.version, after.words) == (2, made.words)
    assert "Ciao" in (after.compiled or "")
    assert "Tschüss" in (made.compiled or "")


def test_a_partial_that_breaks_its_users_is_told_by_line():
    with pytest.raises(RenderingError, match="line 1: there is no partial sign"):
        remade([MAIL], 2, LIVE[:2])
