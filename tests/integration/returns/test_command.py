"""`tidings bounces` as a process, and what `tidings doctor` says of it."""

import asyncio
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from delivery.returns.addresses import ReturnKeys, bounces_to, complaints_to
from delivery.settings import DeliverySettings
from models.ids import delivery_id
from scheduler.commands.bounces import bounces
from scheduler.examining.checkup_returns import returns
from scheduler.settings import BounceSettings
from tests.acceptance.conftest import Installation, free_port, wait_until
from tests.integration.returns.conftest import DOMAIN, Post
from tests.mails import dsn
from tests.pipeline import SECRET

ID = delivery_id(UUID("000100ac-0000-8000-8000-000000000000"), "anna", "email", "email")
KEYS = ReturnKeys.of(SECRET.encode())


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    one = Installation(database_url, tmp_path)
    one.settings = {
        "TIDINGS_SECRET_KEY": SECRET, "TIDINGS_BOUNCE_DOMAIN": DOMAIN,
        "TIDINGS_BOUNCE_PORT": str(free_port()), "TIDINGS_BOUNCE_METRICS_PORT": str(free_port()),
        "TIDINGS_BOUNCE_LMTP": str(tmp_path / "lmtp"),
    }  # fmt: skip
    yield one
    for process in one.running:
        process.kill()
        process.wait()


def greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur"):
        (tmp_path / "maildir" / name).mkdir(parents=True)
    return tmp_path / "maildir"


@pytest.fixture
def process(installation: Installation, maildir: Path) -> subprocess.Popen[str]:
    """`tidings bounces`, its door open."""
    process = subprocess.Popen(
        [sys.executable, "-m", "scheduler", "bounces", "--maildir", str(maildir)],
        cwd=installation.folder, env=installation.environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    installation.running.append(process)  # type: ignore[arg-type]
    wait_until(lambda: greets(number(installation, "PORT")), 60, "the door is open")
    return process


def number(installation: Installation, name: str) -> int:
    return int(installation.settings[f"TIDINGS_BOUNCE_{name}"])


def come_back(installation: Installation, maildir: Path) -> None:
    """The same bounce comes in every way there is."""
    address = f"{bounces_to(ID, KEYS)}@{DOMAIN}"
    with smtplib.SMTP("127.0.0.1", number(installation, "PORT")) as client:
        client.sendmail("", [address], dsn())
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("anna@example.com", ["bo@example.com"], b"hello")
    with smtplib.LMTP(installation.settings["TIDINGS_BOUNCE_LMTP"]) as client:
        client.sendmail("", [address], dsn())
    (maildir / "new" / "1").write_bytes(f"Delivered-To: {address}\r\n".encode() + dsn())
    wait_until(lambda: not list((maildir / "new").iterdir()), 10, "the maildir is looked into")


def test_a_process_takes_mail_from_ordinary_clients_and_stops_when_told(
    installation: Installation, maildir: Path, process: subprocess.Popen[str]
):
    come_back(installation, maildir)
    told = httpx.get(f"http://127.0.0.1:{number(installation, 'METRICS_PORT')}/metrics").text
    for way, outcome in (("smtp", "taken"), ("lmtp", "known"), ("maildir", "taken")):
        assert f'mails_total{{outcome="{outcome}",way="{way}"}} 1.0' in told
    assert 'refused_recipients_total{way="smtp"} 1.0' in told
    process.terminate()
    _, logged = process.communicate(timeout=15)
    assert process.returncode == 0
    assert logged.count("mail.taken") == 3
    assert "@" not in logged, "log lines hold no addresses"
    with psycopg.connect(installation.url) as connection:
        found = connection.execute("SELECT delivery_id, kind FROM feedback_waiting").fetchall()
    assert found == [(ID, "bounced")] * 2, "the mail in the maildir has a header more"


def test_it_tells_where_complaints_are_to_be_sent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("TIDINGS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET)
    monkeypatch.setenv("TIDINGS_BOUNCE_DOMAIN", DOMAIN)
    bounces(address=True)
    assert capsys.readouterr().out == f"{complaints_to(KEYS)}@{DOMAIN}\n"


def ways(**settings: object) -> BounceSettings:
    return BounceSettings(
        _env_file=None, **{f"bounce_{name}": one for name, one in settings.items()}
    )  # type: ignore[arg-type]


WITH = DeliverySettings(_env_file=None, bounce_domain=DOMAIN)
WITHOUT = DeliverySettings(_env_file=None, bounce_domain="")


async def test_the_doctor_hears_whether_the_door_is_open(post: Post):
    (result,) = await asyncio.to_thread(
        lambda: list(returns(WITH, ways(host="0.0.0.0", port=post.listener.port)))
    )
    assert result.finding.endswith(f"takes mail to {DOMAIN}")
    assert not result.advice


def test_the_doctor_says_what_to_do_when_nobody_listens(tmp_path: Path):
    port = free_port()
    assert next(returns(WITH, ways(port=port))).advice == "run: tidings bounces"
    alone = next(returns(WITHOUT, ways(port=port)))
    assert (alone.advice, alone.hint) == ("", "run: tidings bounces")
    assert next(returns(WITH, ways(port=-1))).advice.startswith("see docs/bounces.md")
    assert list(returns(WITH, ways(port=-1, lmtp="/run/lmtp"))) == []
    assert "no maildir" in next(returns(WITH, ways(port=-1, maildir=tmp_path))).finding
    wrong = next(returns(WITH, ways(port=-1, imap_url="pop3://x")))
    assert wrong.advice == "correct TIDINGS_BOUNCE_IMAP_URL"
