"""Templates are filled in a process of their own, which may be killed."""

import json
import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.reading.content import AsSent, Hidden, as_sent
from dashboard.reading.filling import Filler
from dashboard.reading.reports import Report
from delivery.errors import RenderingError
from models.readings.deliveries import Delivery
from models.records import Class, TemplateVersion, Topic

ENDLESS = "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}"
GREETING = TemplateVersion("greeting", 1, "in_app", "Hello", "Hello {{ data.name }}")
TOPIC = Topic("t", "T", "c", Class.TRANSACTIONAL, ())
CONTEXT = {"data": {"name": "Anna"}}


@pytest.fixture
def filler() -> Iterator[Filler]:
    made = Filler(patience=10.0)
    yield made
    made.close()


def test_a_template_is_filled(filler: Filler):
    assert filler.fill(GREETING, CONTEXT).content.text == "Hello Anna"


def test_the_preheader_is_filled_too(filler: Filler):
    version = replace(GREETING, preheader="For {{ data.name }}")

    assert filler.fill(version, CONTEXT).preheader == "For Anna"


def test_what_is_missing_is_named_with_its_line(filler: Filler):
    with pytest.raises(RenderingError) as failed:
        filler.fill(replace(GREETING, source="\n{{ data.nope }}"), CONTEXT)

    assert failed.value.problems[0].line == 2
    assert "nope" in failed.value.problems[0].message


def test_an_endless_template_is_stopped_and_the_next_one_is_filled(filler: Filler):
    filler.fill(GREETING, CONTEXT)
    filler._child.patience = 0.5

    with pytest.raises(RenderingError, match=r"takes more than 0\.5 s"):
        filler.fill(replace(GREETING, source=ENDLESS), CONTEXT)

    filler._child.patience = 10.0
    assert filler.fill(GREETING, CONTEXT).content.text == "Hello Anna"


def test_a_child_that_died_is_replaced(filler: Filler):
    filler.fill(GREETING, CONTEXT)
    assert filler._child._process
    filler._child._process.kill()
    filler._child._process.wait()

    assert filler.fill(GREETING, CONTEXT).content.text == "Hello Anna"


def report(context: dict[str, object] | None, content_hash: bytes | None, **more: object) -> Report:
    packed = None if context is None else zlib.compress(json.dumps(context).encode())
    blank = dict.fromkeys(Delivery.__dataclass_fields__)
    delivery = Delivery(**{**blank, "context": packed, "content_hash": content_hash})  # type: ignore[arg-type]
    return replace(Report(delivery, None, TOPIC, (), (), GREETING, None), **more)  # type: ignore[arg-type]


def test_content_that_says_the_same_agrees(filler: Filler):
    digest = filler.fill(GREETING, CONTEXT).content.digest()

    sent = as_sent(report(CONTEXT, digest), filler)

    assert isinstance(sent, AsSent)
    assert (sent.agrees, sent.context) == (True, CONTEXT)


def test_content_that_says_something_else_does_not_agree(filler: Filler):
    digest = filler.fill(GREETING, CONTEXT).content.digest()
    edited = replace(GREETING, source="Bye {{ data.name }}")

    sent = as_sent(report(CONTEXT, digest, version=edited), filler)

    assert isinstance(sent, AsSent)
    assert sent.agrees is False


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (report(CONTEXT, b"x", topic=replace(TOPIC, sensitive=True)), "sensitive"),
        (report(CONTEXT, b"x", topic=None), "sensitive"),
        (report(None, b"x"), "over 4 KB"),
        (report(None, None), "Nothing was sent"),
        (report({"data": {}}, b"x"), "cannot be filled again"),
        (report({"topic": {}}, b"x"), "no longer kept"),
    ],
)
def test_content_that_cannot_be_shown_says_why(filler: Filler, shown: Report, why: str):
    hidden = as_sent(shown, filler)

    assert isinstance(hidden, Hidden)
    assert why in hidden.why


def test_a_missing_key_is_told_in_one_line(tmp_path: Path):
    environment = {
        **os.environ,
        "TIDINGS_DATABASE_URL": "postgresql://127.0.0.1/x",
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    environment.pop("TIDINGS_SECRET_KEY", None)
    command = [sys.executable, "-m", "dashboard"]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("tidings console: TIDINGS_SECRET_KEY is missing")
    assert ended.stderr.count("\n") == 1


def test_links_by_which_others_could_act_are_not_shown(filler: Filler):
    told = {**CONTEXT, "links": {"unsubscribe": f"https://x.test/u/{'A' * 40}"}}
    version = replace(GREETING, source="Hello {{ data.name }}: {{ links.unsubscribe }}")
    digest = filler.fill(version, told).content.digest()

    sent = as_sent(report(told, digest, version=version), filler)

    assert isinstance(sent, AsSent)
    assert sent.agrees is True
    assert sent.content.text == "Hello Anna: https://x.test/u/…"
    assert sent.context["links"] == {"unsubscribe": "https://x.test/u/…"}
