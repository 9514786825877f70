"""Encryption and credentials: never in the clear what should not be."""

import asyncio
from pathlib import Path
from typing import Self

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from delivery.errors import (
    AccountError,
    UnavailableError,
)
from delivery.providers.smtp import make
from delivery.providers.smtp.handshake import open_session
from delivery.providers.smtp.target import Target, Tls
from tests.mail_sender import (
    BODY,
    PATIENCE,
    kinds,
    sending,
    sending_to,
)
from tests.mail_servers import Certificate, Client, MailServer, self_signed


@pytest.fixture
def certificate(tmp_path: Path):
    return self_signed(tmp_path)


async def test_encrypts_with_starttls_and_greets_again(certificate: Certificate):
    async with MailServer(tls=certificate.context) as server:
        async with sending(server, f"?tls=starttls&connections=1&ca={certificate.file}") as post:
            assert kinds(await post.outcomes(*map(str, range(50)))) == {"Receipt": 50}
        assert server.lines[:3] == ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]"]


async def test_encrypts_from_the_first_byte(certificate: Certificate):
    payload = b"Subject: large\r\n\r\n" + b"x" * 70 + b"\r\n" + (b".y" * 30 + b"\r\n") * 20_000
    async with MailServer(("PIPELINING",), certificate.context, implicit=True) as server:
        async with sending(server, f"?ca={certificate.file}") as post:
            await asyncio.gather(*(post.send(payload=payload) for _ in range(20)))
        assert [kept.content for kept in server.kept] == [payload] * 20


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
async def test_does_not_trust_a_certificate_it_does_not_know(certificate: Certificate, tls: str):
    async with MailServer(tls=certificate.context, implicit=tls == "implicit") as server:
        async with sending(server, f"?tls={tls}") as post:
            with pytest.raises(AccountError, match="bad certificate"):
                await post.send()
        async with sending(server, f"?verify=no&tls={tls}") as post:
            assert await post.send()


async def test_does_not_trust_a_certificate_for_another_name(certificate: Certificate):
    async with MailServer(tls=certificate.context) as server:
        url = f"smtp://127.0.0.1:{server.port}?tls=starttls&ca={certificate.file}"
        async with sending_to(url) as post:
            with pytest.raises(AccountError, match="bad certificate"):
                await post.send()


async def test_never_sends_in_the_clear_what_should_be_encrypted():
    async with MailServer() as server, sending(server, "?tls=starttls") as post:
        with pytest.raises(AccountError, match="STARTTLS"):
            await post.send()
        assert server.verbs()["MAIL"] == 0


async def test_tls_that_is_not_available_now_is_unavailable(certificate: Certificate):
    class Busy(MailServer):
        async def star(self, _: Client):
            return b"454 4.7.0 TLS not available"

    async with Busy(tls=certificate.context) as server, sending(server, "?tls=starttls") as post:
        with pytest.raises(UnavailableError, match="454"):
            await post.send()


async def test_believes_nothing_that_was_said_before_the_handshake(certificate: Certificate):
    class Injected(MailServer):
        async def starttls(self, client: Client):
            # What an attacker on the way adds to the clear text before TLS begins.
            client.writer.write(b"220 go on\r\n250-evil\r\n250 AUTH PLAIN\r\n")
            await client.writer.drain()
            await client.writer.start_tls(self.tls)

    async with Injected(tls=certificate.context) as server:
        async with sending(server, f"?tls=starttls&ca={certificate.file}") as post:
            await post.send()
        assert server.kept[0].mail.endswith(f"SIZE={len(BODY)}"), "our EHLO got the injected answer"


async def test_a_handshake_that_stalls_is_unavailable(certificate: Certificate):
    class Stalled(MailServer):
        async def starttls(self, client: Client):
            await client.say(b"220 go on")
            await asyncio.sleep(30)

    async with Stalled(tls=certificate.context) as server, sending(server, "?tls=starttls") as post:
        with pytest.raises(UnavailableError):
            await post.send()


class Guarded:
    """An aiosmtpd server that asks for a password."""

    def __init__(self, *without: str) -> None:
        self.kept: list[Envelope] = []
        self.without = without

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope):  # noqa: N802
        self.kept.append(envelope)
        return "250 2.0.0 taken"

    def judge(self, *asked: object):
        credentials = asked[-1]
        assert isinstance(credentials, LoginPassword)
        good = credentials == LoginPassword(b"anna", "pässwort".encode())
        return AuthResult(success=good, handled=False)

    def _session(self):
        return SMTP(
            self,
            authenticator=self.judge,
            auth_required=True,
            auth_require_tls=False,
            auth_exclude_mechanism=self.without,
            hostname="x",
        )

    async def __aenter__(self) -> Self:
        self.server = await asyncio.get_running_loop().create_server(self._session, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("other", ["PLAIN", "LOGIN"])
async def test_authenticates_with_plain_and_login(other: str):
    async with Guarded(other) as server:
        async with sending_to(f"smtp://anna:p%C3%A4sswort@127.0.0.1:{server.port}") as post:
            assert kinds(await post.outcomes("a@x", "b@x")) == {"Receipt": 2}
        assert len(server.kept) == 2


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize(("credentials", "code"), [("anna:wrong@", 535), ("", 530)])
async def test_wrong_or_missing_credentials_are_the_accounts_trouble(credentials: str, code: int):
    async with (
        Guarded() as server,
        sending_to(f"smtp://{credentials}127.0.0.1:{server.port}") as post,
    ):
        outcomes = await post.outcomes("a@x", "b@x")
        assert kinds(outcomes) == {"AccountError": 2}
        assert {outcome.reply.code for outcome in outcomes} == {code}
        assert "wrong" not in str(outcomes[0])


async def test_sends_no_password_where_others_could_read_it():
    async with MailServer(("AUTH PLAIN LOGIN",)) as server:
        # A name that is not known to be this machine, as any real server is.
        target = Target("127.0.0.1", server.port, Tls.NONE, user="anna", password="secret")
        with pytest.raises(AccountError, match="in the clear"):
            await open_session(target, PATIENCE)
        assert server.verbs()["AUTH"] == 0


async def test_a_server_without_a_mechanism_we_know_is_the_accounts_trouble():
    async with MailServer(("AUTH CRAM-MD5",)) as server:
        async with sending_to(f"smtp://anna:x@127.0.0.1:{server.port}") as post:
            with pytest.raises(AccountError, match="neither"):
                await post.send()
        assert server.verbs()["MAIL"] == 0


async def test_a_bad_url_is_the_accounts_trouble():
    async with sending_to("smtp://user:secret@x.test?tls=what") as post:
        with pytest.raises(AccountError, match="tls must be") as caught:
            await post.send()
        assert "secret" not in str(caught.value)


async def test_another_url_is_another_server():
    async with MailServer() as one, MailServer() as two, sending(one) as post:
        await post.send()
        post.url = f"smtp://127.0.0.1:{two.port}"
        await post.send()
        assert len(one.kept) == len(two.kept) == 1


def test_is_found_under_its_name_and_carries_mail():
    assert make().carries == {"email"}
