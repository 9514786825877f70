"""What a text message takes, as the studio tells it."""

import pytest

from dashboard.components.templates.handset import told
from delivery.rendering.sms import sms


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi", "1 part · 2 units of GSM 03.38, room for 158 more"),
        ("a" * 161, "2 parts, each paid for · 161 units of GSM 03.38, room for 145 more"),
        ("жж", "1 part · 2 units of UCS-2, room for 68 more · not GSM 03.38 because of ж"),
    ],
)
def test_a_text_message_tells_its_parts_and_what_made_it_dear(text: str, said: str):
    assert told(sms(text)) == said
