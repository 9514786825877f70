"""An address that its own server refuses for good is not written to again."""

from tests.pipeline import Pipeline


async def test_a_refused_address_is_suppressed_and_the_next_mail_skipped(pipeline: Pipeline):
    async def refuse(*_: object) -> bytes:
        return b"550 5.1.1 nobody of that name"

    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    pipeline.emit(recipients=("anna",))
    await pipeline.plan()
    pipeline.mail.rcpt = refuse  # type: ignore[method-assign]
    await pipeline.send()
    assert pipeline.row("SELECT channel, address, reason FROM suppressions") == (
        "email", "anna@example.com", "address_refused",
    )  # fmt: skip
    pipeline.emit(recipients=("anna",))
    await pipeline.plan()
    await pipeline.send()
    states = pipeline.rows("SELECT state, reason FROM deliveries ORDER BY created_at")
    assert states == [("bounced", "address_refused"), ("skipped", "suppressed")]


async def test_a_refused_message_suppresses_nobody(pipeline: Pipeline):
    async def refuse(*_: object) -> bytes:
        return b"554 5.7.1 looks like spam"

    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    pipeline.emit(recipients=("anna",))
    await pipeline.plan()
    pipeline.mail.rcpt = refuse  # type: ignore[method-assign]
    await pipeline.send()
    assert pipeline.value("SELECT count(*) FROM suppressions") == 0
