"""What a campaign's document may say, and what is said of one that is wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivery.campaigns.document import CampaignError, as_document, read_toml, stored
from delivery.campaigns.sentences import sentences
from delivery.rulebook.writing import as_toml
from models.records import Class, Live, Step, Topic, read_digest
from models.records.campaigns import Known

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
STEPS = (Step("email", "email", "mail"),)


def topic(key: str = "news", **values: Any) -> Topic:
    return Topic(key, **{"title": key, "category": "news", "klass": Class.PROMOTIONAL,
                         "steps": STEPS} | values)  # fmt: skip


DIGEST = read_digest({"kind": "fixed", "steps": ["email"], "wait": "1h"})
KNOWN = Known(
    {
        "news": topic(),
        "code": topic("code", klass=Class.CRITICAL),
        "secret": topic("secret", sensitive=True),
        "collected": topic("collected", digest=DIGEST),
        "nowhere": topic("nowhere", steps=()),
        "carries": topic("carries", attachments=("terms", "{{ data.invoice }}")),
    },
    {key: Live(3, "en", frozenset({"en"})) for key in ("mail", "bold", "item")},
    {"mail": "email", "bold": "email", "item": "in_app", "draft": "email"},
    {"customers": 1},
    frozenset({"flyer"}),
)
LEAST = 'key = "spring"\ntitle = "Spring"\ntopic = "news"\nrecipients = ["anna"]\n'
FULL = """
key = "spring"
title = "Spring"
topic = "news"
team = "growth"
audience = "customers"
data = { release = "4.0" }
reply_to = "Ada <ada@example.com>"
holdout = 5.0
[schedule]
at = 2026-12-01T09:00:00+01:00
over = "2 hours"
per_minute = 5000
[[steps]]
key = "news"
[[steps]]
key = "reminder"
after = "3 days"
templates = { email = "bold" }
[[variants]]
key = "plain"
share = 75
[[variants]]
key = "bold"
share = 25
templates = { email = "bold" }
[goal]
conversion = "upgraded"
[winner]
share = 20
after = "4 hours"
by = "clicked"
[canary]
share = 1
after = "30 min"
"""


@pytest.mark.parametrize("text", [LEAST, FULL])
def test_a_document_that_is_written_out_reads_the_same(text: str):
    body = read_toml(text, KNOWN, NOW)
    assert stored(as_document(body)) == body
    assert read_toml(as_toml(as_document(body)), KNOWN, NOW) == body


def test_its_sentences_say_all_of_it():
    assert sentences(read_toml(FULL, KNOWN, NOW)) == [
        "Goes to audience customers as news of news.",
        "Goes at 2026-12-01 08:00 UTC.",
        "Is spread over 2 hours.",
        "Goes to no more than 5000 people a minute.",
        "Answers to its mails go to Ada <ada@example.com>.",
        "Begins with news; then reminder after 3 days.",
        "Is for the conversion upgraded; whoever did it gets no further step.",
        "Says it in 2 ways: bold (25%) and plain (75%).",
        "20 % test them; 4 hours later the others get the one that was clicked most.",
        (
            "1 % go first; the others 30 minutes later,"
            " unless more than 5 % bounce, 0.3 % complain or 5 % fail."
        ),
        "5 % get nothing, to measure it by them.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LEAST.replace("news", "nuws"), "there is no topic nuws: did you mean news?"),
        (LEAST.replace("news", "code"), "critical news is never a campaign"),
        (LEAST.replace("news", "secret"), "its news is secret"),
        (LEAST.replace("news", "collected"), "collected into digests"),
        (LEAST.replace("news", "nowhere"), "it has no steps"),
        (LEAST.replace('["anna"]', "[]"), "say who gets it"),
        (LEAST + 'audience = "customers"', "give one"),
        (LEAST.replace('recipients = ["anna"]', 'audience = "custom"'), "did you mean customers?"),
        (LEAST.replace("anna", " anna"), "without NUL or surrounding space"),
        (LEAST + 'colour = "red"', "there is no such field"),
        (LEAST + "[schedule]\nat = 2026-12-01T09:00:00", "name the time zone"),
        (LEAST + "[schedule]\nlocal_at = 2026-12-01T09:00:00Z", "leave the time zone out"),
        (LEAST + '[schedule]\nat = "soon"', "write a moment like"),
        (LEAST + '[schedule]\ncron = "every day"', "write minute, hour, day of month"),
        (LEAST + '[schedule]\ncron = "* * * * *"', "may not be closer than 15 minutes"),
        (LEAST + '[schedule]\ncron = "0 99 * * *"', "this is no cron"),
        (LEAST + '[schedule]\ncron = "0 9 * * *"\nuntil = 2026-11-01T00:00:00Z', "no moment any"),
        (LEAST + '[schedule]\ncron = "0 9 * * *"\nat = 2026-12-01T09:00:00Z', "is given too"),
        (LEAST + "[schedule]\nuntil = 2026-12-01T09:00:00Z", "only what recurs has an end"),
        (LEAST + '[schedule]\nlocal_at = 2026-12-01T09:00:00\nover = "1 h"', "neither spread nor"),
        (LEAST + '[schedule]\nzone = "Berlin"', "not a time zone"),
        (LEAST + "[schedule]\nper_minute = 0", "greater than or equal to 1"),
        (LEAST + '[[steps]]\nkey = "a/b"', "leave the / out"),
        (LEAST + '[[steps]]\nkey = "a"\n[[steps]]\nkey = "a"', "is called a too"),
        (LEAST + '[[steps]]\nkey = "a"\nafter = "1 h"\n[[steps]]\nkey = "b"', "in the order"),
        (LEAST + '[[steps]]\nkey = "a"\ntemplates = { sms = "mail" }', "does not go out over sms"),
        (LEAST + '[[steps]]\nkey = "a"\ntemplates = { email = "item" }', "is written for in_app"),
        (LEAST + '[[steps]]\nkey = "a"\ntemplates = { email = "draft" }', "is not published"),
        (LEAST + '[[steps]]\nkey = "a"\ntemplates = { email = "mial" }', "did you mean mail?"),
        (LEAST + '[winner]\nshare = 20\nafter = "1 h"\nby = "clicked"', "at least two variants"),
        (LEAST + '[winner]\nshare = 20\nafter = "1 h"\nby = "converted"', "add a [goal]"),
        (LEAST + 'data = { a = "' + "x" * 5000 + '" }', "more than 4096 bytes"),
        (LEAST + 'reply_to = "ada at example.com"', "reply_to: write a mailbox, like Support"),
        (LEAST + 'attachments = ["flyer", "flier"]', "attachments 2: file flier is not there: add"),
        (LEAST.replace("news", "carries"), "topic: file terms is not there: add it"),
        ("key = ", "this is no TOML"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(text: str, said: str):
    with pytest.raises(CampaignError) as error:
        read_toml(text, KNOWN, NOW)
    assert said in str(error.value)


def test_a_fault_says_its_line():
    with pytest.raises(CampaignError) as error:
        read_toml(LEAST + "holdout = 99", KNOWN, NOW)
    assert [fault.line for fault in error.value.faults] == [5]


def test_a_length_of_time_is_read_as_people_write_it():
    assert read_toml(FULL, KNOWN, NOW).steps[1].after == timedelta(days=3)
