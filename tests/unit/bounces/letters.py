"""Bounces as mail systems write them, made of what differs."""

from collections.abc import Iterable

ME = "b+sender@bounces.example.net"

COPY = """Received: from app.example.net by mail.example.net; Mon, 1 Jun 2026 10:00:00 +0000
Message-ID: <0190b2f0-1111-8222-8333-444455556666@example.net>
X-Tidings-Delivery: 0190b2f0-1111-8222-8333-444455556666
From: News <news@example.net>
To: {recipient}
Subject: Invoice for user unknown, mailbox full, spam

Mailbox full. User unknown. Domain not found.
"""


def letter(body: str, **headers: str) -> bytes:
    """A mail with these headers; underscores stand for hyphens."""
    known = {"From": "Mail Delivery System <MAILER-DAEMON@mx.example.org>", "To": ME} | headers
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in known.items())
    return f"{head}\n{body}".encode()


def dsn(
    fields: Iterable[str] | str,
    *,
    text: str = "This is the mail system at host mx.example.org.\n",
    recipient: str = "anna@example.com",
    **headers: str,
) -> bytes:
    """An RFC 3464 report; `fields` are the groups of recipients."""
    groups = [fields] if isinstance(fields, str) else fields
    status = "Reporting-MTA: dns; mx.example.org\n\n" + "\n\n".join(groups)
    parts = [
        ("text/plain; charset=us-ascii", text),
        ("message/delivery-status", status),
        ("message/rfc822", COPY.format(recipient=recipient)),
    ]
    return multipart(parts, "report; report-type=delivery-status", **headers)


def multipart(parts: Iterable[tuple[str, str]], kind: str = "mixed", **headers: str) -> bytes:
    """A mail of several parts: media type and body of each."""
    body = "".join(f"--=_x\nContent-Type: {media}\n\n{text}\n" for media, text in parts)
    return letter(
        f"{body}--=_x--\n",
        Subject="Undelivered Mail Returned to Sender",
        MIME_Version="1.0",
        Content_Type=f'multipart/{kind}; boundary="=_x"',
        **headers,
    )


def failed(recipient: str, diagnostic: str = "", status: str = "5.0.0") -> str:
    """The fields of one recipient that did not get it."""
    said = f"\nDiagnostic-Code: smtp; {diagnostic}" if diagnostic else ""
    return f"Final-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {status}{said}"


def feedback(fields: str, original: str = COPY) -> bytes:
    """A feedback report (RFC 5965) with these fields."""
    parts = [
        ("text/plain", "This is an email abuse report."),
        ("message/feedback-report", fields),
        ("message/rfc822", original.format(recipient="anna@example.com")),
    ]
    kind = "report; report-type=feedback-report"
    return multipart(parts, kind, From="Abuse <fbl@receiver.example>")
