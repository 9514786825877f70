"""Mailboxes as ways in: nothing is put aside before its commit, and what is left comes again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from delivery.returns.addresses import bounces_to
from models.database import UnavailableError
from models.ids import delivery_id
from models.query import rows, sql
from scheduler.returns.desk import Desk
from scheduler.returns.imap import Imap, read_url
from scheduler.returns.maildir import Maildir
from scheduler.returns.polling import Poller, look
from tests.imap_server import AVAILABLE, PASSWORD, ImapServer, SmallImap, dovecot, small_imap
from tests.integration.returns.conftest import DOMAIN, Doors
from tests.mails import dsn
from tests.postgres_proxy import Proxy

ID = delivery_id(UUID("000100ac-0000-8000-8000-000000000000"), "anna", "email", "email")


@pytest.fixture
async def desk(doors: Doors) -> AsyncIterator[Desk]:
    desk = doors.desk()
    yield desk
    await desk.database.close()


def bounce(desk: Desk, status: str = "5.1.1") -> bytes:
    address = f"{bounces_to(ID, desk.place.keys)}@{DOMAIN}"
    return f"Return-Path: <>\r\nDelivered-To: {address}\r\n".encode() + dsn(status=status)


async def waiting(desk: Desk) -> list[Any]:
    async with desk.database.begin() as tx:
        return [tuple(row) for row in await tx.run(sql(_WAITING, rows))]


_WAITING = "SELECT delivery_id, kind FROM feedback_waiting ORDER BY vendor_event_id"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "maildir" / name).mkdir(parents=True)
    return tmp_path / "maildir"


def names(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(one.name for one in (folder / name).iterdir()) for name in ("new", "cur")}


async def test_a_maildir_is_taken_and_moved(desk: Desk, folder: Path):
    (folder / "new" / "1.a.host").write_bytes(bounce(desk))
    (folder / "new" / "2.b.host").write_bytes(b"junk \xff\0")
    (folder / "new" / ".hidden").write_bytes(b"")
    assert await look(desk, Maildir.at(folder)) == 2
    assert await waiting(desk) != []
    assert names(folder) == {"new": [".hidden"], "cur": ["1.a.host:2,S", "2.b.host:2,S"]}
    assert {delivery for delivery, _ in await waiting(desk)} == {ID, None}


async def test_a_crash_between_commit_and_move_changes_nothing(desk: Desk, folder: Path):
    for name in ("1.a", "1.a.again"):
        (folder / "new" / name).write_bytes(bounce(desk))
    await asyncio.gather(look(desk, Maildir.at(folder)), look(desk, Maildir.at(folder)))
    assert names(folder)["new"] == []
    assert await waiting(desk) == [(ID, "bounced")]


async def test_while_the_database_is_away_everything_stays_where_it_is(
    doors: Doors, desk: Desk, proxy: Proxy, folder: Path
):
    (folder / "new" / "1.a").write_bytes(bounce(desk))
    through = doors.desk(proxy.url)
    proxy.close()
    with pytest.raises(UnavailableError):
        await look(through, Maildir.at(folder))
    assert names(folder) == {"new": ["1.a"], "cur": []}
    await proxy.open()
    assert await look(through, Maildir.at(folder)) == 1
    assert await waiting(desk) == [(ID, "bounced")]
    await through.database.close()


def test_what_is_no_maildir_says_so(tmp_path: Path):
    with pytest.raises(ValueError, match="is no maildir: it has no folder 'new'"):
        Maildir.at(tmp_path)


@pytest.fixture(
    params=[
        "small",
        pytest.param(
            "dovecot", marks=pytest.mark.skipif(not AVAILABLE, reason="no Dovecot, or not root")
        ),
    ]
)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[ImapServer]:
    async with dovecot() if request.param == "dovecot" else small_imap() as server:
        yield server


def imap(server: ImapServer, more: str = "", password: str = PASSWORD) -> Imap:
    mailbox = read_url(f"imap://anna:{password}@127.0.0.1:{server.port}/INBOX{more}")
    assert mailbox is not None
    return Imap(mailbox)


async def test_an_imap_mailbox_is_taken_and_marked_or_moved(desk: Desk, server: ImapServer):
    await server.append(bounce(desk))
    await server.append(b"Subject: junk\r\n\r\njunk\r\n")
    assert await look(desk, imap(server)) == 2
    assert await look(desk, imap(server)) == 0
    assert {delivery for delivery, _ in await waiting(desk)} == {ID, None}
    assert await server.flags() == [{"Seen"}, {"Seen"}]
    await server.append(bounce(desk))
    assert await look(desk, imap(server, "?done=Done")) == 1
    assert len(await server.flags()) == 2
    assert len(await server.flags("Done")) == 1
    assert len(await waiting(desk)) == 2


async def test_trouble_is_told_once_and_waited_out(desk: Desk, capsys: pytest.CaptureFixture[str]):
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise asyncio.CancelledError

    async with small_imap() as server:
        poller = Poller(desk, imap(server, password="wrong"), 10.0, sleep)
        with pytest.raises(asyncio.CancelledError):
            await poller.run()
    assert pauses == [20.0, 40.0, 80.0, 160.0]
    told = capsys.readouterr().out
    assert told.count("mailbox.unreachable") == 1
    assert "wrong" not in told


async def test_a_server_that_cannot_move_is_not_asked_to(desk: Desk):
    async with small_imap() as server:
        assert isinstance(server, SmallImap)
        server.moves = False
        await server.append(bounce(desk))
        poller = Poller(desk, imap(server, "?done=Done"), 10.0)
        await poller.look_once()
        assert await server.flags() == [set()]
        assert await waiting(desk) == []


async def test_one_mail_that_breaks_us_does_not_keep_the_others_waiting(desk: Desk, folder: Path):
    class Odd(Desk):
        async def take(self, mail: Any, way: Any) -> None:
            if b"odd" in mail.raw:
                raise ZeroDivisionError
            await super().take(mail, way)

    (folder / "new" / "1.odd").write_bytes(b"odd")
    (folder / "new" / "2.good").write_bytes(bounce(desk))
    odd = Odd(desk.database, desk.place, desk.channels)
    assert await look(odd, Maildir.at(folder)) == 2
    assert names(folder)["cur"] == ["1.odd:2,FS", "2.good:2,S"]
    assert await waiting(desk) == [(ID, "bounced")]
