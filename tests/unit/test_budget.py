"""The CPU budget of a fill: real timers, real processes."""

import asyncio
import gc
import signal
import time
from collections.abc import Iterator

import pytest

from delivery.budget import OverBudgetError, fill_quickly
from delivery.errors import RenderingError
from delivery.rendering.fill import Template, prepare
from models.records import TemplateVersion
from scheduler.sending.budget import fill_patiently, fill_within_budget
from tests.unit.rendering.templates import column

LOOP = "{{% for i in range(10000) %}}{{% for j in range({}) %}}{{% endfor %}}{{% endfor %}}done"
QUICK, SLOW, ENDLESS = LOOP.format(1), LOOP.format(1_000), LOOP.format(10_000)


def template(source: str, channel: str = "in_app") -> Template:
    return prepare(TemplateVersion("t", 1, channel, "Hi {{ data.name }}", source))


CONTEXT = {"data": {"name": "Zoë", "n": 1}}


def test_a_quick_fill_is_done_here():
    assert fill_quickly(template("{{ data.n }}"), CONTEXT).text == "1"


def test_a_slow_fill_is_stopped_after_its_budget():
    begin = time.process_time()
    with pytest.raises(OverBudgetError):
        fill_quickly(template(ENDLESS), CONTEXT)
    assert time.process_time() - begin < 0.5


def test_the_timer_is_off_after_a_fill():
    fill_quickly(template("{{ data.n }}"), CONTEXT)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    with pytest.raises(RenderingError):
        fill_quickly(template("{{ data.gone }}"), CONTEXT)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
    with pytest.raises(OverBudgetError):
        fill_quickly(template(ENDLESS), CONTEXT)
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


@pytest.fixture
def collections() -> Iterator[list[bool]]:
    """Of each collection of garbage, whether it was on a fill's time; there are very many."""
    seen: list[bool] = []

    def note(_phase: str, _info: dict[str, int]) -> None:
        seen.append(signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 0)

    thresholds = gc.get_threshold()
    gc.set_threshold(5)
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.set_threshold(*thresholds)


def test_garbage_is_collected_before_and_after_a_fill_but_not_on_its_time(collections: list[bool]):
    made = template("{% for i in range(200) %}{{ [i, [i]] | length }}{% endfor %}")
    fill_quickly(made, CONTEXT)
    with pytest.raises(OverBudgetError):
        fill_quickly(template(ENDLESS), CONTEXT)
    assert collections
    assert not any(collections)
    assert gc.isenabled()


def test_after_a_stopped_fill_the_next_one_has_its_whole_budget():
    with pytest.raises(OverBudgetError):
        fill_quickly(template(ENDLESS), CONTEXT)
    assert fill_quickly(template(QUICK), CONTEXT).text == "done"


async def test_what_is_too_slow_here_is_done_in_a_child():
    content = await fill_within_budget(template(SLOW.replace("1000", "400")), CONTEXT)
    assert content.text == "done"
    assert content.subject == "Hi Zoë"


async def test_a_child_fills_mail_as_we_do():
    mail = template(column("<mj-text>{{ data.name }}</mj-text>"), "email")
    assert await fill_patiently(mail.version, CONTEXT) == fill_quickly(mail, CONTEXT)


async def test_what_is_too_slow_for_a_child_is_the_template_s_fault():
    begin = time.monotonic()
    with pytest.raises(RenderingError, match="more than 1 s"):
        await fill_within_budget(template(ENDLESS), CONTEXT)
    assert time.monotonic() - begin < 15


async def test_a_problem_found_in_a_child_keeps_its_line():
    slow_and_wrong = template("\n" + SLOW.replace("1000", "400") + "\n{{ data.gone }}")
    with pytest.raises(RenderingError) as caught:
        await fill_within_budget(slow_and_wrong, CONTEXT)
    assert str(caught.value) == "line 3: 'data.gone' is missing"


async def test_other_work_goes_on_while_a_child_fills():
    filling = asyncio.create_task(fill_patiently(template("{{ data.n }}").version, CONTEXT))
    turns = 0
    while not filling.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert filling.result().text == "1"
    assert turns > 5


async def test_a_cancelled_fill_leaves_no_child_behind():
    filling = asyncio.create_task(fill_patiently(template(ENDLESS).version, CONTEXT))
    await asyncio.sleep(0.2)
    filling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await filling
