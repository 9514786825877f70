"""How a text travels as text messages: alphabets, parts, and what is never split."""

import pytest
from hypothesis import given, settings, strategies as st

from delivery.rendering.sms import Alphabet, sms

GSM, UCS2 = Alphabet.GSM, Alphabet.UCS2


@pytest.mark.parametrize(
    ("text", "alphabet", "units", "sizes"),
    [
        ("", GSM, 0, [0]),
        ("Hello", GSM, 5, [5]),
        ("äöüÄÖÜß@£$¥ Ωø", GSM, 14, [14]),
        ("€[]{}~^|\\\f", GSM, 20, [10]),
        ("a\r\nb", GSM, 3, [3]),
        ("x" * 160, GSM, 160, [160]),
        ("x" * 161, GSM, 161, [153, 8]),
        ("x" * 306, GSM, 306, [153, 153]),
        ("x" * 307, GSM, 307, [153, 153, 1]),
        ("x" * 158 + "€", GSM, 160, [159]),
        ("x" * 159 + "€", GSM, 161, [153, 7]),
        ("x" * 152 + "€" + "x" * 10, GSM, 164, [152, 11]),
        ("ç", UCS2, 1, [1]),
        ("ж" * 70, UCS2, 70, [70]),
        ("ж" * 71, UCS2, 71, [67, 4]),
        ("x" * 69 + "…", UCS2, 70, [70]),
        ("🎉" * 35, UCS2, 70, [35]),
        ("🎉" * 36, UCS2, 72, [33, 3]),
        ("ж" * 66 + "🎉" * 3, UCS2, 72, [66, 3]),
    ],
)
def test_a_text_takes_so_many_parts(text: str, alphabet: Alphabet, units: int, sizes: list[int]):
    found = sms(text)
    assert (found.alphabet, found.units) == (alphabet, units)
    assert [len(part) for part in found.parts] == sizes


def test_it_says_which_characters_cost_so_much_and_what_still_fits():
    found = sms("It’s here ✓ it’s")
    assert found.foreign == ("’", "✓")
    assert found.room == 70 - 16
    assert sms("x" * 154).room == 6
    assert sms("x" * 161).room == 153 - 8


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="a€ж🎉\n", max_size=400))
def test_its_parts_say_the_whole_and_none_is_too_long(text: str):
    found = sms(text)
    assert "".join(found.parts) == text
    size = 153 if found.alphabet is GSM else 67
    if len(found.parts) > 1:
        assert all(
            sms(part + ("ж" if found.foreign else "")).units <= size + 1 for part in found.parts
        )
    assert found.room >= 0
