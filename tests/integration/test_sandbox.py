"""Outside production nobody but those allowed is written to, whatever account there is."""

from collections.abc import Awaitable, Callable

import pytest

from tests.mail_servers import MailServer
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]
Setting = Callable[[str, str], None]

ACCOUNT = """
    INSERT INTO provider_accounts (account, provider, channel, url, priority, weight, enabled,
                                   updated_at)
    VALUES ('main', 'smtp', 'email', %s, 0, 1, true, now())
"""


async def written_to(
    pipeline: Pipeline, *, test: bool = False
) -> dict[str, tuple[str, str | None]]:
    """Everybody gets a mail, or the reason why not."""
    await pipeline.topic(channels=("email", "in_app"), words="x")
    pipeline.people("anna", "bo", "cy")
    pipeline.run_sql("UPDATE addresses SET address = 'BO@Allowed.Test' WHERE recipient_id = 'bo'")
    pipeline.emit(recipients=("anna", "bo", "cy"), test=test)
    await pipeline.run()
    found = pipeline.deliveries()
    assert {found[who, "in_app"] for who in ("anna", "bo", "cy")} == {("sent", None)}
    return {who: found[who, "email"] for who in ("anna", "bo", "cy")}


SENT, KEPT_IN = ("sent", None), ("skipped", "sandbox")


async def test_the_local_mailbox_is_free(setting: Setting, workers: Workers):
    setting("ALLOW_TO", "anna@example.com")
    assert set((await written_to(await workers())).values()) == {SENT}


@pytest.mark.parametrize("environment", ["dev", "staging"])
async def test_only_allowed_addresses_and_domains_leave(
    setting: Setting, workers: Workers, mail: MailServer, environment: str
):
    setting("ENVIRONMENT", environment)
    setting("ALLOW_TO", "Anna@example.com, allowed.test")
    setting("SMTP_URL", f"smtp://127.0.0.1:{mail.port}?tls=none")
    assert await written_to(await workers()) == {"anna": SENT, "bo": SENT, "cy": KEPT_IN}
    assert sorted(each.recipient.lower() for each in mail.kept) == [
        "anna@example.com", "bo@allowed.test",
    ]  # fmt: skip


async def test_production_writes_to_everybody(setting: Setting, workers: Workers, mail: MailServer):
    setting("ENVIRONMENT", "production")
    setting("SMTP_URL", f"smtp://127.0.0.1:{mail.port}?tls=none")
    assert set((await written_to(await workers())).values()) == {SENT}


async def test_a_test_event_in_production_goes_to_the_list_only(
    setting: Setting, workers: Workers, mail: MailServer
):
    setting("ENVIRONMENT", "production")
    setting("ALLOW_TO", "cy@example.com")
    setting("SMTP_URL", f"smtp://127.0.0.1:{mail.port}?tls=none")
    found = await written_to(await workers(), test=True)
    assert found == {"anna": KEPT_IN, "bo": KEPT_IN, "cy": SENT}


async def test_an_account_in_the_table_does_not_open_the_sandbox(
    workers: Workers, mail: MailServer
):
    pipeline = await workers()
    pipeline.run_sql(ACCOUNT, f"smtp://127.0.0.1:{mail.port}?tls=none")
    assert set((await written_to(pipeline)).values()) == {KEPT_IN}
    assert mail.kept == []


async def test_a_domain_that_only_ends_like_an_allowed_one_stays_in(
    setting: Setting, workers: Workers, mail: MailServer
):
    setting("ALLOW_TO", "example.com")
    setting("SMTP_URL", f"smtp://127.0.0.1:{mail.port}?tls=none")
    pipeline = await workers()
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna", "bo", "cy")
    alike = {
        "anna": "anna@evil-example.com",
        "bo": "bo@example.com.evil.test",
        "cy": '"x@example.com"@evil.test',
    }
    for who, address in alike.items():
        pipeline.run_sql("UPDATE addresses SET address = %s WHERE recipient_id = %s", address, who)
    pipeline.emit(recipients=("anna", "bo", "cy"))
    await pipeline.run()
    assert set(pipeline.deliveries().values()) == {KEPT_IN}
