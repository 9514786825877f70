"""The mailbox takes every mail, keeps it over restarts, and only the newest of it."""

import asyncio
import shutil
import smtplib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from scheduler.mailbox import Mailbox, Places
from scheduler.mailbox.door import LARGEST
from scheduler.mailbox.store import VOLUME, Arrival, Search, Store
from tests.mail_sender import kinds, numbered, sending_to

MAIL = b"Subject: hello\r\n\r\nhello\r\n"


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    async with Mailbox(Places(tmp_path, smtp_port=0, http_port=0)) as running:
        yield running


async def talk(mailbox: Mailbox, *words: bytes) -> bytes:
    """What the server answers to these words, sent all at once, until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.smtp_port)
    writer.write(b"".join(words) + b"QUIT\r\n")
    answers = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    return answers


def codes(answers: bytes) -> list[int]:
    return [int(line[:3]) for line in answers.splitlines() if line[3:4] == b" "]


def arrival(number: int, raw: bytes = MAIL) -> Arrival:
    return Arrival("b@x", (f"r{number}@x",), f"number {number}", 1000.0 + number, raw)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens the store anew, as often as a test likes."""
    with ExitStack() as stack:
        yield lambda **more: stack.enter_context(closing(Store(tmp_path, **more)))


def raw_of(store: Store) -> list[bytes]:
    return [store.raw(entry) for entry in reversed(store.find(Search(limit=10**6)))]


async def test_a_second_mailbox_on_the_same_folder_is_refused(tmp_path: Path):
    places = Places(tmp_path, smtp_port=0, http_port=0)
    async with Mailbox(places):
        with pytest.raises(OSError, match=f"keeps its mail in {tmp_path} already"):
            await Mailbox(places).start()
    async with Mailbox(places):
        pass


ENVELOPE = b"MAIL FROM:<b@x>\r\nRCPT TO:<r@x>\r\nDATA\r\n"


async def test_keeps_500_mails_of_our_provider_exactly_as_they_were(mailbox: Mailbox):
    payloads = [
        b"Subject: %d\r\n\r\n.\r\n..\r\n.dot %d\r\n%b\r\n" % (number, number, b"\xc3\xbc" * number)
        for number in range(500)
    ]
    async with sending_to(mailbox.smtp_url) as post:
        sends = (post.send(f"r{n}@x.test", payload) for n, payload in enumerate(payloads))
        receipts = await asyncio.gather(*sends)
    assert kinds(receipts) == {"Receipt": 500}
    assert {receipt.provider_id for receipt in receipts} == {str(n) for n in range(1, 501)}
    kept = mailbox.store.find(Search(limit=1000))
    assert {entry.recipients[0]: mailbox.store.raw(entry) for entry in kept} == {
        f"r{n}@x.test": payload for n, payload in enumerate(payloads)
    }


async def test_the_mail_is_in_its_file_before_the_answer_goes_out(mailbox: Mailbox, tmp_path: Path):
    async with sending_to(mailbox.smtp_url) as post:
        await post.send(payload=MAIL)
    assert Path.read_bytes(tmp_path / "000000000001.mail") == MAIL


async def test_offers_what_a_pipelining_client_wants(mailbox: Mailbox):
    answers = await talk(mailbox, b"EHLO us\r\n")
    for extension in (b"PIPELINING", b"8BITMIME", b"SMTPUTF8", b"SIZE %d" % LARGEST):
        assert extension in answers


async def test_talks_to_the_standard_librarys_client(mailbox: Mailbox):
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", mailbox.smtp_port) as client:
            client.sendmail(
                "b@x", ["anna@x", "bo@x"], "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n\n.a\n"
            )

    await asyncio.to_thread(send)
    entry = mailbox.store.find(Search())[0]
    assert (entry.sender, entry.recipients, entry.subject) == ("b@x", ("anna@x", "bo@x"), "Grüße")
    assert mailbox.store.raw(entry).endswith(b"\r\n\r\n.a\r\n")


async def test_takes_an_empty_mail_and_one_without_a_sender(mailbox: Mailbox):
    answers = await talk(
        mailbox, ENVELOPE, b".\r\n", b"MAIL FROM:<>\r\nRCPT TO:<r@x>\r\nDATA\r\n.\r\n"
    )
    assert codes(answers) == [220, 250, 250, 354, 250, 250, 250, 354, 250, 221]
    assert raw_of(mailbox.store) == [b"", b""]


async def test_takes_a_mail_cut_into_single_octets(mailbox: Mailbox):
    reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.smtp_port)
    for octet in ENVELOPE + b"..a\r\n.\r\n" + b"QUIT\r\n":
        writer.write(bytes([octet]))
        await asyncio.sleep(0)
        await writer.drain()
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    assert raw_of(mailbox.store) == [b".a\r\n"]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r\r\n"])
async def test_lets_nobody_smuggle_a_second_mail(mailbox: Mailbox, end: bytes):
    smuggled = b"a" + end + b"MAIL FROM:<evil@x>\r\nRCPT TO:<r@x>\r\nDATA\r\nevil\r\n.\r\n"
    await talk(mailbox, ENVELOPE, smuggled)
    assert len(mailbox.store) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (b"RCPT TO:<r@x>\r\n", 503),
        (b"DATA\r\n", 503),
        (b"MAIL FROM:<b@x>\r\nMAIL FROM:<b@x>\r\n", 503),
        (b"MAIL FROM: what\r\n", 501),
        (b"MAIL FROM:<b@x>\r\nRCPT TO:<>\r\n", 501),
        (b"MAIL FROM:<b@x> SIZE=99999999999\r\n", 552),
        (b"WHAT\r\n", 502),
        (b"\r\n", 502),
        (b"\xff\xfe\r\n", 502),
        (b"MAIL FROM:<b@x>\r\nRSET\r\nRCPT TO:<r@x>\r\n", 503),
        (b"NOOP\r\n", 250),
        (b"VRFY r@x\r\n", 252),
        (b"HELO us\r\n", 250),
    ],
)
async def test_answers_as_the_rfc_asks(mailbox: Mailbox, words: bytes, code: int):
    assert codes(await talk(mailbox, words))[-2:] == [code, 221]


async def test_hangs_up_on_an_endless_command_and_an_endless_mail(mailbox: Mailbox):
    assert codes(await talk(mailbox, b"x" * 10_000)) == [220, 500]
    reader, writer = await asyncio.open_connection("127.0.0.1", mailbox.smtp_port)
    writer.write(ENVELOPE + b"x" * (LARGEST + 5000))
    assert codes(await asyncio.wait_for(reader.read(), 10))[-1] == 552
    writer.close()
    assert len(mailbox.store) == 0


async def test_a_mail_that_was_not_finished_was_never_there(mailbox: Mailbox):
    _, writer = await asyncio.open_connection("127.0.0.1", mailbox.smtp_port)
    writer.write(ENVELOPE + b"half\r\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert len(mailbox.store) == 0


async def test_says_so_when_it_cannot_write(mailbox: Mailbox, tmp_path: Path):
    shutil.move(tmp_path, f"{tmp_path}-away")
    answers = await talk(mailbox, ENVELOPE, b"a\r\n.\r\n")
    shutil.move(f"{tmp_path}-away", tmp_path)
    assert codes(answers) == [220, 250, 250, 354, 452, 221]
    assert codes(await talk(mailbox, ENVELOPE, b"b\r\n.\r\n"))[-2] == 250
    assert raw_of(mailbox.store) == [b"b\r\n"]


async def test_a_taken_port_leaves_nothing_behind(mailbox: Mailbox, tmp_path: Path):
    places = Places(tmp_path / "other", smtp_port=0, http_port=mailbox.http_port)
    with pytest.raises(OSError, match="in use"):
        await Mailbox(places).start()


async def test_starts_again_with_everything_it_had(opened: Callable[..., Store], tmp_path: Path):
    for round_number in range(3):
        async with Mailbox(Places(tmp_path, smtp_port=0, http_port=0)) as mailbox:
            assert len(mailbox.store) == round_number * 5
            async with sending_to(mailbox.smtp_url) as post:
                assert kinds(await post.outcomes(*numbered(5))) == {"Receipt": 5}
    store = opened()
    assert [entry.id for entry in store.find(Search())] == list(range(15, 0, -1))
    assert store.raw(store.find(Search(to="r3@"))[0]).startswith(b"Subject: r3@x.test")


def truncated_line(folder: Path) -> None:
    index = folder / "000000000001.index"
    index.write_bytes(index.read_bytes()[:-20])


def unfinished_mail(folder: Path) -> None:
    with (folder / "000000000001.mail").open("ab") as mail:
        mail.write(b"half a mail")


def zeroes_after_a_power_cut(folder: Path) -> None:
    with (folder / "000000000001.index").open("ab") as index:
        index.write(bytes(512))


@pytest.mark.parametrize(
    ("damage", "left"), [(truncated_line, 2), (unfinished_mail, 3), (zeroes_after_a_power_cut, 3)]
)
def test_survives_a_crash_in_the_middle_of_a_write(
    opened: Callable[..., Store], tmp_path: Path, damage: Callable[[Path], None], left: int
):
    store = opened()
    for number in range(3):
        store.add(arrival(number, b"mail %d\r\n" % number))
    damage(tmp_path)
    again = opened()
    again.add(arrival(9, b"after\r\n"))
    assert raw_of(again) == [b"mail %d\r\n" % number for number in range(left)] + [b"after\r\n"]
    assert raw_of(opened()) == raw_of(again)


def test_keeps_the_newest_and_removes_whole_volumes(opened: Callable[..., Store], tmp_path: Path):
    store = opened(keep=2500)
    for number in range(3 * VOLUME):
        store.add(arrival(number))
        assert len(store) <= 2500 + VOLUME
    assert [entry.id for entry in store.find(Search(limit=2500))] == list(range(6000, 3500, -1))
    assert len(list(tmp_path.glob("*.mail"))) == 2
    assert raw_of(opened()) == [MAIL] * len(store)


def test_finds_by_recipient_and_subject_and_pages_backwards(opened: Callable[..., Store]):
    store = opened()
    for number in range(30):
        store.add(arrival(number))

    def found(search: Search) -> list[int]:
        return [entry.id for entry in store.find(search)]

    assert found(Search(text="NUMBER 2")) == [30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 3]
    assert found(Search(text="r7@")) == found(Search(to="R7@X")) == [8]
    assert found(Search(to="number")) == []
    assert found(Search(limit=3)) == [30, 29, 28]
    assert found(Search(limit=3, before=28)) == [27, 26, 25]
    assert store.count(Search(text="number 2", limit=3)) == 11


def test_forgets_everything_when_told(opened: Callable[..., Store], tmp_path: Path):
    store = opened()
    store.add(arrival(1))
    assert store.clear() == 1
    assert list(tmp_path.iterdir()) == []
    assert store.add(arrival(2)).id == 2
    assert len(opened()) == 1
