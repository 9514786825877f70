"""Sessions that end early: what was handed over is in doubt, the rest is not."""

from collections.abc import Callable

import pytest

from delivery.errors import (
    ContentRefused,
    InDoubtError,
    LeaseLostError,
    ThrottledError,
    UnavailableError,
)
from delivery.providers.smtp.losses import Loss, dropped, garbled, silent
from delivery.providers.smtp.stages import Stage
from models.reasons import Failure
from tests.smtp_script import TAKEN, Script


async def test_a_session_lost_after_the_dot_leaves_that_message_in_doubt_only():
    script = Script(3)
    script.starts()
    script.says(*TAKEN)
    script.conversation.lose(dropped())
    assert isinstance(script.error(0), InDoubtError)
    assert script.error(0).reason is Failure.CONNECTION_LOST
    assert list(script.queue) == [script.sent[1], script.sent[2]]
    assert script.sent[1].moved is False


async def test_no_answer_to_the_dot_leaves_the_message_in_doubt():
    script = Script()
    script.starts()
    script.says(*TAKEN)
    assert script.conversation.answer_within == 7.0
    script.conversation.lose(silent())
    assert script.error(0).reason is Failure.NO_ANSWER


@pytest.mark.parametrize("nonsense", ["354 again", "300 what"])
async def test_a_senseless_answer_to_the_dot_leaves_the_message_in_doubt(nonsense: str):
    script = Script(2)
    script.starts()
    script.says(*TAKEN, nonsense)
    assert isinstance(script.error(0), InDoubtError)
    assert list(script.queue) == [script.sent[1]]


@pytest.mark.parametrize("replies", [(), ("250 ok",), ("250 ok", "250 ok")])
async def test_a_fresh_session_lost_before_the_dot_is_the_messages_failure(
    replies: tuple[str, ...],
):
    script = Script()
    script.starts()
    script.says(*replies)
    script.conversation.lose(dropped())
    assert isinstance(script.error(0), UnavailableError)


async def test_a_reused_session_lost_before_the_dot_moves_the_message_once():
    script = Script(2)
    script.starts()
    script.says(*TAKEN, "250 ok")
    script.conversation.lose(dropped())
    assert script.queue.pop() is script.sent[1]
    assert script.sent[1].moved
    again = Script(0)
    again.starts()
    again.queue.append(script.sent[1])
    again.starts()
    again.conversation.lose(dropped())
    assert isinstance(script.error(1), UnavailableError)


@pytest.mark.parametrize("loss", [silent, garbled])
async def test_only_a_lost_connection_is_excused_on_reuse(loss: Callable[[], Loss]):
    script = Script(2)
    script.starts()
    script.says(*TAKEN, "250 ok")
    script.conversation.lose(loss())
    assert isinstance(script.error(1), UnavailableError)


@pytest.mark.parametrize("before", range(3))
async def test_421_ends_the_session_wherever_it_comes(before: int):
    script = Script()
    script.starts()
    assert script.says(*TAKEN[:before], "421 4.3.2 shutting down") == b""
    assert script.stage is Stage.CLOSED
    assert type(script.error(0)) is UnavailableError
    assert script.error(0).reply.code == 421


async def test_421_after_the_dot_is_a_definite_no():
    script = Script(2)
    script.starts()
    script.says(*TAKEN, "421 4.4.2 too slow")
    assert type(script.error(0)) is UnavailableError
    assert list(script.queue) == [script.sent[1]]


async def test_421_on_reuse_moves_the_message_unless_it_asks_to_slow_down():
    for reply, moves in (("421 4.4.2 idle too long", True), ("421 4.7.0 slow down", False)):
        script = Script(2)
        script.starts()
        script.says(*TAKEN, "250 ok", reply)
        assert script.sent[1].moved is moves
        if not moves:
            assert type(script.error(1)) is ThrottledError


async def test_asks_the_lease_right_before_the_dot():
    script = Script(2)
    script.starts()
    script.sent[0].lease.held = False
    assert script.says(*TAKEN) == b"m0\r\n"
    assert script.stage is Stage.CLOSED
    assert isinstance(script.error(0), LeaseLostError)
    assert list(script.queue) == [script.sent[1]]


async def test_sends_no_dot_for_a_message_nobody_waits_for():
    script = Script(2)
    script.starts()
    script.sent[0].outcome.cancel()
    assert script.says(*TAKEN) == b"m0\r\n"
    assert script.stage is Stage.CLOSED


async def test_a_refusal_before_the_dot_keeps_the_dot_back():
    script = Script()
    script.starts()
    conversation = script.conversation
    for answer in script.reader.feed(b"250 ok\r\n250 ok\r\n354 go\r\n552 5.3.4 too much\r\n"):
        conversation.receive(answer)
    assert conversation.stage is Stage.CLOSED
    assert isinstance(script.error(0), ContentRefused)
    assert conversation.finish() == b""


@pytest.mark.parametrize(
    "replies", [("354 go",), ("250 ok", "354 go"), ("250 ok", "250 ok", "250 ok")]
)
async def test_an_answer_of_the_wrong_kind_ends_the_session(replies: tuple[str, ...]):
    script = Script(2)
    script.starts()
    script.says(*replies)
    assert script.stage is Stage.CLOSED
    assert isinstance(script.error(0), UnavailableError)


async def test_a_reset_that_is_refused_ends_the_session_and_moves_the_next():
    script = Script(2)
    script.starts()
    script.says("550 no", "503 no", "503 no", "502 RSET?")
    assert script.stage is Stage.CLOSED
    assert list(script.queue) == [script.sent[1]]


async def test_words_without_a_question_end_an_idle_session():
    script = Script(0)
    assert script.starts() == b""
    script.says("250 hello?")
    assert script.stage is Stage.CLOSED
