"""One person gives way in what is kept of others, and nobody else does."""

import pytest

from models.veil import Veil

ANNA = Veil("anna", "erased-1", "Anna Lind", ("anna@example.com",))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("anna", "erased-1"),
        ("Anna Lind", "erased-1"),
        ("dm:anna", "dm:erased-1"),
        ("Anna Lind shared it", "erased-1 shared it"),
        ("write to ANNA@example.com!", "write to erased-1!"),
        ("anna saw Savannah", "anna saw Savannah"),
        ("joanna@example.com", "joanna@example.com"),
        ("annabel", "annabel"),
        ("anna-2", "anna-2"),
        ("Anna", "Anna"),
        ("", ""),
    ],
)
def test_texts(said: str, left: str):
    assert ANNA.text(said) == left
    assert ANNA.text(left) == left


def test_json_is_gone_through_with_its_names():
    said = {"anna": [1, None, True, {"to": "anna@example.com"}], "board": "Annapolis"}
    left = {"erased-1": [1, None, True, {"to": "erased-1"}], "board": "Annapolis"}
    assert ANNA.value(said) == left


def test_an_id_that_is_an_address_gives_way_inside_of_texts():
    veil = Veil("a+b@example.com", "erased-1")
    assert veil.text("said by a+b@example.com, twice") == "said by erased-1, twice"
