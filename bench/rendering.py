"""What a mail costs before it is sent: compile, fill, compose, sign; beside the usual ways.

    python -m bench.rendering [--rounds N] [--seconds S]

Everybody works on the same 17 KB mail, in turns; medians with lowest and highest, in CPU
microseconds each. Writes `bench/results/rendering.json`.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import dkim as dkimpy  # type: ignore[import-untyped]
import jinja2
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mjml import mjml_to_html

from bench.measure import Figures, interleave
from delivery.engagement.tracking import Noticed, tracked
from delivery.envelopes import letterhead
from delivery.messages import Content, Envelope
from delivery.rendering.compile import compile_mjml
from delivery.rendering.dkim import SIGNED, DkimKey, sign
from delivery.rendering.fill import fill, prepare
from delivery.rendering.mime import compose, seven_bit
from models.records import TemplateVersion
from scheduler.sending.budget import fill_quickly

HERE = Path(__file__).parent
SOURCE = (HERE / "order.mjml").read_text()
SUBJECT = "Your order {{ data.order.id }} is on its way"
ADDRESS = "anna@example.org"
CONTEXT: dict[str, Any] = {
    "data": {
        "name": "Zoë Person",
        "brand": {
            "name": "Shop & Co",
            "logo": "https://cdn.example.com/logo.png",
            "address": "1 Long Street, Town",
        },
        "order": {
            "id": "A1",
            "date": "2026-11-20",
            "due": "2026-11-25",
            "address": "5 Short Road, Village",
            "url": "https://example.com/o/1?t=abc&u=1",
            "total": "129.90",
            "tax": "20.10",
            "lines": [
                {
                    "image": f"https://cdn.example.com/{number}.png",
                    "name": f"Thing number {number} <new>",
                    "sku": f"SKU-{number}",
                    "quantity": number,
                    "price": "12.99",
                }
                for number in range(2)
            ],
        },
        "vip": {"since": 2019, "orders": 3},
    },
    "recipient": {"id": "anna", "name": "Anna", "locale": "en", "timezone": "UTC"},
    "links": {"unsubscribe": "https://example.com/u/1"},
}
ENVELOPE = Envelope(
    delivery_id=UUID("50850000-0000-8000-8000-00000000002a"),
    message_id="50850000-0000-8000-8000-00000000002a@example.com",
    sender="Shop & Co <news@example.com>",
    return_path="b+1@bounces.example.com",
    date=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    topic="order.sent",
    category="orders",
    recipient_name="Zoë Person",
    unsubscribe_url="https://example.com/u/1",
    unsubscribe_mailto="mailto:u+1@bounces.example.com",
)
VERSION = TemplateVersion("order", 1, "email", SUBJECT, SOURCE, compiled=compile_mjml(SOURCE))


def _parts(content: Content) -> tuple[str, str]:
    return content.text, content.html or ""


PREPARED = prepare(VERSION)
MANY = 20
"""Links of a mail that has many."""
_LINKED = SOURCE.replace(
    "<mj-divider ",
    "".join(
        f'<mj-text><a href="https://example.com/{number}?a=1">{number}</a></mj-text>'
        for number in range(MANY)
    )
    + "<mj-divider ",
)
LINKED = TemplateVersion("linked", 1, "email", SUBJECT, _LINKED, compiled=compile_mjml(_LINKED))
UNCOUNTED, COUNTED = prepare(LINKED), prepare(LINKED, mark=True)
HEAD = letterhead("Shop <news@example.com>", "", "https://example.com", b"s" * 32, timedelta(30))
BOTH = Noticed(opens=True, clicks=True)
CONTENT = fill(PREPARED, CONTEXT)
MARKED = fill(COUNTED, CONTEXT)
MAIL = compose(CONTENT, ADDRESS, ENVELOPE)
ASCII = Content(
    CONTENT.subject, *(part.replace("×", "x").replace("ë", "e") for part in _parts(CONTENT))
)
ASCII_MAIL = compose(ASCII, ADDRESS, ENVELOPE)

_RSA = rsa.generate_private_key(65537, 2048)
_ED25519 = ed25519.Ed25519PrivateKey.generate()


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, form: PrivateFormat) -> str:
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


RSA_KEY = DkimKey("example.com", "rsa", _pem(_RSA, PrivateFormat.PKCS8))
ED25519_KEY = DkimKey("example.com", "ed", _pem(_ED25519, PrivateFormat.PKCS8))
RSA_PEM = _pem(_RSA, PrivateFormat.TraditionalOpenSSL).encode()

_PLAIN = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
PLAIN_HTML = _PLAIN.from_string(VERSION.compiled or "")


def bare_compile() -> object:
    """The compiler alone; it loses the Jinja between sections, so it gets none."""
    return mjml_to_html(re.sub(r"\{%.*?%\}", "", SOURCE))


def email_message() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = ENVELOPE.sender
    message["To"] = f"{ENVELOPE.recipient_name} <{ADDRESS}>"
    message["Subject"] = CONTENT.subject
    message["Date"] = format_datetime(ENVELOPE.date)
    message["Message-ID"] = f"<{ENVELOPE.message_id}>"
    message["List-Unsubscribe"] = f"<{ENVELOPE.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(CONTENT.text)
    message.add_alternative(CONTENT.html, subtype="html")
    return message.as_bytes()


def dkimpy_rsa() -> object:
    return dkimpy.sign(
        ASCII_MAIL,
        b"rsa",
        b"example.com",
        RSA_PEM,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=list(SIGNED),
    )


WORK: Mapping[str, Callable[[], object]] = {
    "compile": lambda: compile_mjml(SOURCE),
    "compile: bare mjml": bare_compile,
    "fill: subject, text, HTML": lambda: fill(PREPARED, CONTEXT),
    "fill within budget": lambda: fill_quickly(PREPARED, CONTEXT),
    "fill: plain Jinja, HTML only": lambda: PLAIN_HTML.render(CONTEXT),
    f"fill: {MANY} links": lambda: fill(UNCOUNTED, CONTEXT),
    f"fill: {MANY} links, marked": lambda: fill(COUNTED, CONTEXT),
    f"track: {MANY} links": lambda: tracked(MARKED, BOTH, HEAD, ENVELOPE.delivery_id),
    "compose": lambda: compose(CONTENT, ADDRESS, ENVELOPE),
    "compose: all ASCII": lambda: compose(ASCII, ADDRESS, ENVELOPE),
    "compose: email.message": email_message,
    "seven bit": lambda: seven_bit(MAIL),
    "sign RSA-2048": lambda: sign(ASCII_MAIL, [RSA_KEY]),
    "sign RSA-2048: dkimpy": dkimpy_rsa,
    "sign Ed25519": lambda: sign(ASCII_MAIL, [ED25519_KEY]),
}
AGAINST = {
    "compile": "compile: bare mjml",
    "fill: subject, text, HTML": "fill: plain Jinja, HTML only",
    "compose": "compose: email.message",
    "sign RSA-2048": "sign RSA-2048: dkimpy",
}


def timed(work: Callable[[], object], seconds: float) -> Callable[[], Figures]:
    """Repeats some work for about that long and says what one time of it costs."""

    def run() -> Figures:
        done, begin = 0, time.process_time()
        while (spent := time.process_time() - begin) < seconds:
            for _ in range(5):
                work()
            done += 5
        return {"µs": spent / done * 1e6}

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.15)
    options = parser.parse_args()
    contenders = {name: timed(work, options.seconds) for name, work in WORK.items()}
    result = interleave("rendering", contenders, options.rounds)
    print(f"one mail of {len(MAIL):,} octets, {options.rounds} rounds; CPU µs each\n")
    print(f"{'':32}{'median':>10}{'lowest':>10}{'highest':>10}")
    for name in WORK:
        spread = result.spread(name, "µs")
        print(f"{name:32}{spread.median:10,.1f}{spread.low:10,.1f}{spread.high:10,.1f}")
    print()
    for ours, theirs in AGAINST.items():
        ratio = result.ratio(theirs, ours, "µs").median
        print(f"{ours}: {ratio:.1f} × as fast as {theirs.split(': ')[-1]}")
    file = HERE / "results" / "rendering.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(result.runs, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
