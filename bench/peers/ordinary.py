"""The ordinary way to send mail from a queue: claim, Jinja, EmailMessage, aiosmtplib, update.

    python -m bench.peers.ordinary URL POSTMASTER MAILS PORT none|rsa

What a good engineer writes from the usual libraries: ten connections kept open, batches claimed
and finished by one statement each. No consent, no caps, no trace, no counts. `rsa` signs with
dkimpy.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

import aiosmtplib
import dkim  # type: ignore[import-untyped]
import jinja2
import psycopg
import uvloop
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench.cpu import Meter
from bench.measure import Figures
from bench.population import VERSIONS, order

_SESSIONS = 10
_BATCH = 500
_DDL = """
    CREATE TABLE mails (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data jsonb NOT NULL,
        run_at timestamptz NOT NULL DEFAULT now(), status smallint NOT NULL DEFAULT 0,
        lease_until timestamptz, answer text, done_at timestamptz) WITH (fillfactor = 70);
    CREATE INDEX ON mails (run_at, id) WHERE status = 0;
"""
_CLAIM = """
    UPDATE mails SET status = 1, lease_until = now() + interval '60 s' WHERE id IN (
        SELECT id FROM mails WHERE status = 0 AND run_at <= now()
         ORDER BY run_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING id, data
"""
_DONE = """
    UPDATE mails m SET status = 2, done_at = now(), lease_until = NULL, answer = u.answer
      FROM unnest(%s::bigint[], %s::text[]) u (id, answer) WHERE m.id = u.id
"""
_SIGNED = [b"from", b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type"]

Signer = Callable[[bytes], bytes]


def _html() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(VERSIONS["order"].compiled or "")


def _compose(template: jinja2.Template, number: int, data: dict[str, object]) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Shop & Co <news@shop.example.com>"
    message["To"] = f"{data['name']} <user-{number}@y.test>"
    message["Subject"] = f"Your order A{number} is on its way"
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{number}@shop.example.com>"
    message["List-Unsubscribe"] = f"<https://shop.test/u/{number}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(f"Hello {data['name']}, your order A{number} is on its way.")
    link = {"unsubscribe": f"https://shop.test/u/{number}"}
    message.add_alternative(template.render(data=data, links=link), subtype="html")
    return message.as_bytes()


def _signer(how: str) -> Signer:
    if how == "none":
        return lambda message: message
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())

    def sign(message: bytes) -> bytes:
        signature: bytes = dkim.sign(
            message, b"s", b"shop.example.com", pem, include_headers=_SIGNED
        )
        return signature + message

    return sign


async def work(url: str, port: int, sign: Signer) -> int:
    """Send everything that is due; how many mails were sent."""
    template, free, sent = _html(), asyncio.Queue[aiosmtplib.SMTP](), 0
    for _ in range(_SESSIONS):
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        free.put_nowait(client)

    async def send(number: int, message: bytes) -> str:
        client = await free.get()
        try:
            _, answer = await client.sendmail(
                "news@shop.example.com", [f"user-{number}@y.test"], message
            )
        finally:
            free.put_nowait(client)
        return answer

    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while rows := await (await connection.execute(_CLAIM, (_BATCH,))).fetchall():
            tasks = []
            for number, data in rows:
                message = sign(_compose(template, number, data))
                tasks.append(asyncio.create_task(send(number, message)))
                await asyncio.sleep(0)
            answers = await asyncio.gather(*tasks)
            await connection.execute(_DONE, ([number for number, _ in rows], answers))
            sent += len(rows)
    return sent


def fill(url: str, mails: int) -> None:
    """Make the queue and fill it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_DDL)
        with connection.cursor().copy("COPY mails (data) FROM STDIN") as stream:
            for number in range(mails):
                stream.write_row((order(number),))
        connection.execute("VACUUM ANALYZE mails")
        connection.execute("CHECKPOINT")


def run(url: str, postmaster: int, mails: int, port: int, how: str) -> Figures:
    """Send so many mails."""
    fill(url, mails)
    sign = _signer(how)
    with Meter(os.getpid(), postmaster) as meter:
        assert uvloop.run(work(url, port, sign)) == mails
    return meter.figures(mails)


def main() -> None:
    url, postmaster, mails, port, how = sys.argv[1:]
    json.dump(run(url, int(postmaster), int(mails), int(port), how), sys.stdout)


if __name__ == "__main__":
    main()
