"""One session as a script: what we answer, and whose outcome each reply is."""

from uuid import UUID

import pytest

from delivery.errors import (
    AddressRefused,
    ContentRefused,
    ProviderError,
    Reply,
    ThrottledError,
    TransientError,
)
from delivery.messages import Message, Receipt
from delivery.providers.smtp.extensions import Extensions
from delivery.providers.smtp.letters import write_letter
from delivery.providers.smtp.losses import dropped
from delivery.providers.smtp.stages import Stage
from tests.smtp_script import TAKEN, Script, content, envelope


async def test_writes_an_envelope_at_once_and_the_next_behind_the_dot():
    script = Script(2)
    assert script.starts() == envelope(0)
    assert script.says(*TAKEN) == content(0) + envelope(1)
    assert script.says("250 2.0.0 Ok: queued as 4F1A", *TAKEN) == content(1)
    assert script.receipt(0) == Receipt(Reply(250, "Ok: queued as 4F1A", "2.0.0"), "4F1A")
    assert not script.sent[1].outcome.done()
    assert script.says("250 ok") == b""
    assert script.stage is Stage.IDLE
    assert script.receipt(1) == Receipt(Reply(250, "ok"))


async def test_waits_for_every_answer_without_pipelining():
    script = Script(2, extensions=Extensions())
    assert script.starts() == b"MAIL FROM:<s0@x>\r\n"
    assert script.says("250 ok") == b"RCPT TO:<r0@x>\r\n"
    assert script.says("250 ok") == b"DATA\r\n"
    assert script.says("354 go") == content(0)
    assert script.says("250 ok") == b"MAIL FROM:<s1@x>\r\n"
    assert script.receipt(0)


@pytest.mark.parametrize("refused", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("extensions", [Extensions(pipelining=True), Extensions()])
async def test_resets_after_a_refusal_and_goes_on_with_the_next(
    refused: str, extensions: Extensions
):
    script = Script(2, extensions=extensions)
    script.starts()
    for stage in ("mail", "rcpt", "data"):
        words = script.says(
            "550 no" if stage == refused else "250 ok" if stage != "data" else "503 no"
        )
        if words.startswith(b"RSET"):
            break
    assert words == b"RSET\r\n" + (envelope(1) if extensions.pipelining else b"")
    assert isinstance(script.error(0), AddressRefused if refused == "rcpt" else ContentRefused)
    assert not script.sent[1].outcome.done()
    words = script.says("250 reset")
    assert words == (b"" if extensions.pipelining else b"MAIL FROM:<s1@x>\r\n")
    assert script.stage is Stage.MAIL


async def test_sends_an_empty_message_when_data_is_taken_for_nobody():
    script = Script(2)
    script.starts()
    words = script.says("250 sender", "550 5.1.1 no such user", "354 go")
    assert words == b".\r\n" + envelope(1)
    assert script.error(0).reply.enhanced == "5.1.1"
    script.says("250 took the empty one", *TAKEN)
    assert isinstance(script.error(0), AddressRefused)
    script.says("250 ok")
    assert script.receipt(1)


async def test_an_empty_message_for_nobody_leaves_no_doubt():
    script = Script()
    script.starts()
    script.says("250 sender", "550 5.1.1 no such user", "354 go")
    script.conversation.lose(dropped())
    assert isinstance(script.error(0), AddressRefused)


async def test_sends_no_empty_message_to_a_recipient_that_was_taken():
    script = Script(2)
    script.starts()
    assert script.says("550 sender", "250 recipient", "354 go") == b""
    assert script.stage is Stage.CLOSED
    assert isinstance(script.error(0), ContentRefused)
    assert list(script.queue) == [script.sent[1]]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("550 5.7.1 spam", ContentRefused),
        ("550 5.1.1 no such user", AddressRefused),
        ("451 4.3.0 later", TransientError),
        ("451 4.7.28 slow down", ThrottledError),
    ],
)
async def test_a_refusal_of_the_content_is_that_messages_own(reply: str, kind: type[ProviderError]):
    script = Script(2)
    script.starts()
    script.says(*TAKEN)
    script.says(reply, *TAKEN, "250 ok")
    assert type(script.error(0)) is kind
    assert script.receipt(1)


async def test_refuses_what_the_server_cannot_take_and_takes_the_next():
    script = Script(2, extensions=Extensions(pipelining=True, sizes=True, size=3))
    script.sent[0].letter = write_letter(Message(UUID(int=0), "r@x", "s@x", b"too long\r\n"))
    script.sent[1].letter = write_letter(Message(UUID(int=1), "r1@x", "s1@x", b"a\r\n"))
    assert b"s1@x" in script.starts()
    assert isinstance(script.error(0), ContentRefused)


async def test_takes_no_more_messages_than_its_quota():
    script = Script(3, quota=2)
    script.starts()
    assert script.says(*TAKEN).endswith(envelope(1))
    assert script.says("250 ok", *TAKEN) == content(1)
    assert not script.conversation.spent or script.stage is Stage.END
    script.says("250 ok")
    assert script.stage is Stage.IDLE
    assert script.conversation.spent
    assert list(script.queue) == [script.sent[2]]


async def test_attributes_every_outcome_of_a_long_session_to_its_message():
    script = Script(60)
    script.starts()
    for number in range(60):
        kind = number % 4
        if kind == 0:
            script.says(*TAKEN, f"250 ok {number}")
        elif kind == 1:
            script.says("250 ok", f"550 5.1.1 no {number}", "503 no", "250 reset")
        elif kind == 2:
            script.says("250 ok", f"550 5.1.1 no {number}", "354 go", "554 nothing there")
        else:
            script.says(*TAKEN, f"451 4.3.0 later {number}")
    for number, transfer in enumerate(script.sent):
        kind, error = number % 4, transfer.outcome.exception()
        reply = error.reply if error else transfer.outcome.result().reply
        assert reply.text.endswith(f" {number}")
        assert type(error) is (type(None), AddressRefused, AddressRefused, TransientError)[kind]
