"""Sending domains from nothing to signed mail: commands, ticks, a name server, a verifier."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from delivery.api.gauges import reading
from delivery.signing import keypairs
from models.records import Algorithm
from scheduler.commands import domains
from scheduler.examining.checkup import examine
from scheduler.keeping import domain_watch
from scheduler.known.signatory import signatory
from tests.dkim_verifier import selectors
from tests.dns_server import SERVFAIL, NameServer
from tests.pipeline import SECRET, Pipeline

Setting = Callable[[str, str], None]
Tidings = Callable[..., Result]
D = "example.com"
GOOD = {
    (D, "TXT"): ['"v=spf1 ip4:192.0.2.1 -all"'],
    (D, "MX"): ["10 mail.example.com."],
    ("mail.example.com", "A"): ["192.0.2.1"],
    (f"_dmarc.{D}", "TXT"): ['"v=DMARC1; p=none; rua=mailto:d@example.com"'],
}


@pytest.fixture
async def names(setting: Setting) -> AsyncIterator[NameServer]:
    async with NameServer(GOOD) as server:
        setting("DNS_SERVERS", "{}:{}".format(*server.address))
        yield server


@pytest.fixture
def tidings(names: NameServer, database_url: str, setting: Setting) -> Tidings:
    del names
    setting("DATABASE_URL", database_url)

    def run(*words: str) -> Result:
        return CliRunner().invoke(domains.app, list(words))

    return run


@pytest.fixture
async def worker(tidings: Tidings, pipeline: Pipeline) -> Pipeline:
    """A worker whose settings name the test's name server."""
    del tidings
    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    return pipeline


def publish(worker: Pipeline, names: NameServer, *only: str) -> None:
    """Put the records of all keys (or of these) into DNS."""
    for domain, name, algorithm, value in worker.rows(
        "SELECT domain, selector, algorithm, public_key FROM signing_keys"
    ):
        if not only or name in only:
            text = f"v=DKIM1; k={algorithm}; p={value}"
            strings = [f'"{text[at : at + 255]}"' for at in range(0, len(text), 255)]
            names.zone[f"{name}._domainkey.{domain}", "TXT"] = [" ".join(strings)]


async def signed_by(worker: Pipeline, names: NameServer) -> list[str]:
    """Send a mail; whose signatures it carries, each verified."""
    worker.runtime.signatory = signatory(worker.runtime.delivery, SECRET.encode())
    await worker.run(worker.emit())
    (kept,) = worker.mail.kept
    worker.mail.kept.clear()

    def txt(name: str) -> str | None:
        found = names.zone.get((name, "TXT"))
        return "".join(found[0].split('"')[1::2]) if found else None

    return selectors(kept.content, txt)


async def look(worker: Pipeline) -> int:
    """Look at all domains now."""
    worker.run_sql("UPDATE domain_checks SET due_at = '2020-01-01'")
    return await domain_watch.watch(worker.runtime)


def states(worker: Pipeline) -> list[tuple[str, bool, bool, bool]]:
    """Selector; whether it signs, has ended, and is still there to open."""
    return worker.rows(
        "SELECT selector, signs_since IS NOT NULL, ended_at IS NOT NULL, sealed IS NOT NULL"
        " FROM signing_keys ORDER BY selector"
    )  # type: ignore[return-value]


async def test_keys_sign_once_their_records_were_seen(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    said = tidings("add", "Example.com", "--algorithm", "both").output
    assert "PRIVATE" not in said
    assert await signed_by(worker, names) == [], "nobody could verify it yet"
    assert await look(worker) == 1
    assert [signs for _, signs, _, _ in states(worker)] == [False, False]

    publish(worker, names)
    assert await look(worker) == 1
    first, second = [name for name, *_ in states(worker)]
    assert await signed_by(worker, names) == [first, second]
    audit = worker.column("SELECT action FROM audit ORDER BY at, action")
    assert audit.count("began to sign") == 2

    assert await domain_watch.watch(worker.runtime) == 0
    worker.travel(minutes=2)
    assert await domain_watch.watch(worker.runtime) == 1, "what follows from that is looked at soon"
    worker.travel(minutes=2)
    assert await domain_watch.watch(worker.runtime) == 0, "not due again before tomorrow"
    assert worker.column("SELECT action FROM audit").count("began to sign") == 2


async def test_a_rotation_never_leaves_mail_without_a_good_signature(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    tidings("add", D)
    publish(worker, names)
    await look(worker)
    (old,) = [name for name, *_ in states(worker)]
    said = tidings("rotate", D)
    assert (said.exit_code, "the old key signs" in said.output) == (0, True)
    await look(worker)
    assert await signed_by(worker, names) == [old]
    again = tidings("rotate", D)
    assert isinstance(again.exception, ValueError)
    assert "waits for its record already" in str(again.exception)

    publish(worker, names)
    await look(worker)
    (_, new) = [name for name, *_ in states(worker)]
    assert await signed_by(worker, names) == [new]
    assert states(worker) == [(old, True, True, False), (new, True, False, True)]
    assert "Until 20" in tidings("keys", D).output

    worker.travel(days=8)
    assert await domain_watch.forget(worker.runtime) == 0, "its record is still in DNS"
    del names.zone[f"{old}._domainkey.{D}", "TXT"]
    assert await domain_watch.forget(worker.runtime) == 1
    assert [name for name, *_ in states(worker)] == [new]


async def test_a_record_that_is_not_ours_lets_nothing_sign(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    tidings("add", D)
    (name,) = [name for name, *_ in states(worker)]
    record = f"{name}._domainkey.{D}"
    for broken in (['"v=DKIM1; p="'], ['"v=DKIM1; p=AAAA"'], SERVFAIL, ['"hello"']):
        names.zone[record, "TXT"] = broken
        await look(worker)
        assert states(worker) == [(name, False, False, True)], broken


async def test_somebody_may_let_a_key_sign_unseen_and_gives_a_reason(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    tidings("add", D)
    (name,) = [name for name, *_ in states(worker)]
    assert tidings("sign", D, name, "--reason", " ").exit_code == 1
    assert tidings("sign", D, "nonsense", "--reason", "x").exit_code == 1
    assert tidings("sign", D, name, "--reason", "DNS is split").exit_code == 0
    assert tidings("sign", D, name, "--reason", "again").exit_code == 1
    publish(worker, names)
    assert await signed_by(worker, names) == [name]
    why = worker.value("SELECT why FROM audit WHERE action = 'let a key sign unseen'")
    assert why == "DNS is split"


async def test_a_retired_domain_signs_nothing_and_can_come_back(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    tidings("add", D)
    publish(worker, names)
    await look(worker)
    assert tidings("retire", D, "--reason", "moved").exit_code == 0
    assert isinstance(tidings("retire", D, "--reason", "moved").exception, ValueError)
    assert await signed_by(worker, names) == []
    assert [sealed for *_, sealed in states(worker)] == [False], "nothing is kept that could sign"
    assert tidings("add", D).exit_code == 0
    assert len(states(worker)) == 2
    assert isinstance(tidings("add", D).exception, ValueError)


async def test_one_key_of_two_can_be_retired(worker: Pipeline, tidings: Tidings, names: NameServer):
    tidings("add", D, "--algorithm", "both")
    publish(worker, names)
    await look(worker)
    first, second = [name for name, *_ in states(worker)]
    assert tidings("retire", D, "--selector", second, "--reason", "x").exit_code == 0
    assert tidings("retire", D, "--selector", second, "--reason", "x").exit_code == 1
    assert await signed_by(worker, names) == [first]


async def test_the_key_of_the_settings_signs_until_one_of_the_database_does(
    worker: Pipeline, tidings: Tidings, names: NameServer, tmp_path: Path
):
    pair = keypairs.make(Algorithm.RSA)
    file = tmp_path / "key.pem"
    file.write_bytes(pair.private)
    worker.runtime.delivery.dkim_domain, worker.runtime.delivery.dkim_key_file = D, file
    names.zone[f"tidings._domainkey.{D}", "TXT"] = [
        " ".join(f'"{part}"' for part in ("v=DKIM1; p=", pair.public[:200], pair.public[200:]))
    ]
    assert await signed_by(worker, names) == ["tidings"]
    tidings("add", D)
    assert await signed_by(worker, names) == ["tidings"]
    publish(worker, names)
    await look(worker)
    (name,) = [name for name, *_ in states(worker)]
    assert await signed_by(worker, names) == [name]


async def test_a_key_sealed_under_another_secret_is_said_to_be(
    worker: Pipeline, tidings: Tidings, names: NameServer, setting: Setting
):
    tidings("add", D)
    publish(worker, names)
    await look(worker)
    setting("SECRET_KEY", "another secret of thirty-two octets")
    checked = await asyncio.to_thread(tidings, "check", D)  # the name server is on this loop
    assert checked.exit_code == 1
    assert "TIDINGS_OLD_SECRET_KEYS" in checked.output
    setting("OLD_SECRET_KEYS", SECRET)
    assert (await asyncio.to_thread(tidings, "check", D)).exit_code == 0


async def test_how_a_check_went_is_kept_and_told_once(
    worker: Pipeline, tidings: Tidings, names: NameServer, capsys: pytest.CaptureFixture[str]
):
    tidings("add", D)
    publish(worker, names)
    await look(worker)
    capsys.readouterr()
    names.zone[D, "TXT"] = ['"v=spf1 +all"']
    for expected in (1, 0):
        await look(worker)
        said = capsys.readouterr().out
        assert said.count("+all lets everybody send") == expected
    stored = worker.value("SELECT verdicts FROM domain_checks")
    (spf,) = [each for each in stored if each["check"] == "spf"]
    assert spf["condition"] == "wrong"
    assert worker.value("SELECT checked_at IS NOT NULL FROM domain_checks")
    metrics = (await reading.read(worker.runtime.database)).decode()
    assert 'tidings_domain_check{check="spf",domain="example.com",state="wrong"} 1.0' in metrics
    assert 'tidings_domain_check{check="dkim",domain="example.com",state="good"} 1.0' in metrics


async def test_the_doctor_says_what_is_wrong_and_what_to_do(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    tidings("add", D)
    names.zone[D, "MX"] = SERVFAIL
    found = await asyncio.to_thread(lambda: list(examine(worker.url)))
    lines = {one.subject: one for one in found if one.subject.startswith(D)}
    assert lines[f"{D}: SPF"].advice == ""
    mx = lines[f"{D}: Bounces (MX)"]
    assert (mx.advice, "could not look it up" in mx.finding) == ("", True)
    (dkim,) = [one for subject, one in lines.items() if "DKIM" in subject]
    assert "tidings domains keys" in dkim.hint
    del names.zone[D, "TXT"]
    found = await asyncio.to_thread(lambda: list(examine(worker.url)))
    (spf,) = [one for one in found if one.subject == f"{D}: SPF"]
    assert "publish as TXT" in spf.advice
    (mail,) = [one for one in found if one.subject == "mail"]
    assert mail.advice == ""


async def test_the_doctor_looks_at_no_domain_where_mail_stays_in_the_house(
    worker: Pipeline, names: NameServer
):
    found = await asyncio.to_thread(lambda: list(examine(worker.url)))
    (line,) = [one for one in found if one.subject == "sending domains"]
    assert "local mailbox" in line.finding
    assert names.asked == []


async def test_a_from_that_no_domain_can_have_is_said(worker: Pipeline, setting: Setting):
    setting("MAIL_FROM", "News <news@localhost>")
    setting("SMTP_URL", f"smtp://127.0.0.1:{worker.mail.port}")
    found = await asyncio.to_thread(lambda: list(examine(worker.url)))
    (line,) = [one for one in found if one.subject == "sending domain"]
    assert line.advice
    worker.runtime.delivery.mail_from = "News <news@localhost>"
    assert await look(worker) == 0


async def test_a_from_that_is_in_nobodys_dns_is_said_and_not_asked_for(
    worker: Pipeline, names: NameServer, setting: Setting
):
    setting("MAIL_FROM", "News <news@host.localdomain>")
    setting("SMTP_URL", f"smtp://127.0.0.1:{worker.mail.port}")
    found = await asyncio.to_thread(lambda: list(examine(worker.url)))
    (line,) = [one for one in found if one.subject == "sending domains"]
    assert "TIDINGS_MAIL_FROM" in line.advice
    assert names.asked == []


async def test_the_doctor_tries_encryption_where_the_account_wants_it(
    worker: Pipeline, setting: Setting
):
    setting("SMTP_URL", f"smtp://user:hush@127.0.0.1:{worker.mail.port}?tls=starttls")
    found = await asyncio.to_thread(lambda: list(examine(worker.url)))
    (line,) = [one for one in found if one.subject == "mail"]
    assert "offers no STARTTLS" in line.finding
    assert "TIDINGS_SMTP_URL" in line.advice
    assert not any("AUTH" in said for said in worker.mail.lines), "nobody signs in"


async def test_settings_that_cannot_be_read_forget_nothing(
    worker: Pipeline, tidings: Tidings, names: NameServer
):
    tidings("add", D)
    await look(worker)
    worker.runtime.delivery.dkim_domain = D
    assert (await look(worker), worker.value("SELECT count(*) FROM domain_checks")) == (0, 1)
    worker.runtime.delivery.dkim_domain = ""
    tidings("retire", D, "--reason", "x")
    assert (await look(worker), worker.value("SELECT count(*) FROM domain_checks")) == (0, 0)
    del names


async def test_a_key_that_grew_old_is_warned_of_once(
    worker: Pipeline, tidings: Tidings, names: NameServer, capsys: pytest.CaptureFixture[str]
):
    tidings("add", D)
    publish(worker, names)
    await look(worker)
    await look(worker)
    worker.travel(days=366)
    capsys.readouterr()
    for expected in (1, 0):
        await look(worker)
        said = [line for line in capsys.readouterr().out.splitlines() if "than a year" in line]
        assert [("warning" in line) for line in said] == [True] * expected


async def test_a_look_whose_worker_is_lost_is_begun_anew(worker: Pipeline, tidings: Tidings):
    from models.queries.configuring import domain_checks  # noqa: PLC0415 - only this test claims by hand

    tidings("add", D)
    assert await domain_watch.watch(worker.runtime) == 1
    now = worker.clock.now()
    worker.run_sql("UPDATE domain_checks SET due_at = '2020-01-01'")
    claim = domain_checks.claim(now, domain_watch.lost(now))
    assert len(await worker.runtime.database.run(claim)) == 1
    assert await domain_watch.watch(worker.runtime) == 0, "somebody is about it"
    worker.travel(minutes=3)
    assert await domain_watch.watch(worker.runtime) == 1


def test_a_domain_that_was_not_added_is_not_known(database_url: str, setting: Setting):
    setting("DATABASE_URL", database_url)
    for command in ("keys", "rotate", "check"):
        said = CliRunner().invoke(domains.app, [command, "bücher.example"])
        assert said.exit_code == 1
        assert "tidings domains add xn--bcher-kva.example" in str(said.exception)
