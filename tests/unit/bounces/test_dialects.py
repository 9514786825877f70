"""The shapes in which mail systems write, and who and what is found in them."""

from email.message import EmailMessage

import pytest

from delivery.bounces.reading import read
from delivery.bounces.reports import Report
from tests.unit.bounces.letters import ME, dsn, failed, letter, multipart
from tests.unit.bounces.texts import (
    CARRIER,
    COPIED,
    COURIER,
    DOMINO,
    EXCHANGE_55,
    EXCHANGE_2016,
    EXIM,
    EXIM_LATE,
    FML,
    FROM_INVALID,
    GERMAN,
    GMAIL,
    GROUPWISE,
    HMAIL,
    JAMES,
    JAPANESE,
    MAILMAN,
    MAILMARSHAL,
    MDAEMON,
    OF_SIZE,
    ONE_ERROR,
    POSTFIX,
    QMAIL,
    REASON_ABOVE,
    SENDMAIL_5,
    SENDMAIL_8,
    SMTP32,
    A,
    B,
)


def found(raw: bytes) -> list[tuple[str, str, str]]:
    return [(one.recipient, one.kind.value, one.reason.value) for one in read(raw).reports]


def only(raw: bytes) -> Report:
    reports = read(raw).reports
    assert len(reports) == 1, reports
    return reports[0]


HARD = "hard", "invalid_recipient"
TEXTS: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "qmail": (QMAIL, [(A, *HARD), (B, "hard", "bad_domain")]),
    "exim": (EXIM, [(A, *HARD), (B, "hard", "bad_domain")]),
    "exim, late": (EXIM_LATE, [(A, "delayed", "unknown")]),
    "domino": (DOMINO, [(A, *HARD)]),
    "exchange 5.5": (EXCHANGE_55, [(A, *HARD)]),
    "exchange 2016": (EXCHANGE_2016, [(A, *HARD)]),
    "sendmail 8": (SENDMAIL_8, [(A, *HARD)]),
    "sendmail 5": (SENDMAIL_5, [(A, *HARD), (B, "hard", "bad_domain")]),
    "postfix": (POSTFIX, [(A, "soft", "quota"), (B, "hard", "bad_domain")]),
    "gmail": (GMAIL, [(A, *HARD)]),
    "carrier": (CARRIER, [(A, "soft", "quota")]),
    "smtp32": (SMTP32, [(A, "soft", "quota")]),
    "mdaemon": (MDAEMON, [(A, *HARD)]),
    "courier": (COURIER, [(A, *HARD)]),
    "groupwise": (GROUPWISE, [(A, "soft", "quota")]),
    "fml": (FML, [(A, "soft", "policy")]),
    "from invalid": (FROM_INVALID, [(A, "soft", "policy")]),
    "james": (JAMES, [(A, *HARD)]),
    "mailmarshal": (MAILMARSHAL, [(A, *HARD)]),
    "reason above": (REASON_ABOVE, [(A, *HARD)]),
    "one error": (ONE_ERROR, [(A, *HARD)]),
    "hmailserver": (HMAIL, [(A, *HARD)]),
    "of size": (OF_SIZE, [(A, "soft", "content")]),
    "german": (GERMAN, [(A, *HARD)]),
    "japanese": (JAPANESE, [(A, *HARD)]),
    "mailman": (MAILMAN, [(A, "soft", "policy")]),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_texts_of_mail_systems(text: str, expected: list[tuple[str, str, str]]):
    assert found(letter(text, Subject="Undeliverable: Invoice")) == expected


@pytest.mark.parametrize(
    "text", [QMAIL, EXIM, POSTFIX, GMAIL], ids=["qmail", "exim", "postfix", "gmail"]
)
def test_the_same_under_other_names(text: str):
    """Nothing hangs on host names or on the recipient's."""
    renamed = text.replace("example", "katze").replace("192.0.2", "203.0.113")
    before = [(kind, reason) for _, kind, reason in found(letter(text, Subject="failure notice"))]
    after = [(kind, reason) for _, kind, reason in found(letter(renamed, Subject="failure notice"))]
    assert before == after


def test_exim_names_them_in_a_header():
    raw = letter(
        "No words at all.", Subject="Hm", From="x@y.example", X_Failed_Recipients=f"{A}, {B}"
    )
    assert [recipient for recipient, _, _ in found(raw)] == [A, B]


def test_what_the_copy_says_accuses_nobody():
    assert only(dsn(failed(A))).reason == "unknown"
    text = f"Could not be delivered to:\n\n{A}\n\n{COPIED}"
    assert only(letter(text, Subject="Undelivered mail")).reason == "unknown"


def test_delivery_reports():
    groups = [
        failed(A, "550 5.1.1 user unknown", "5.1.1"),
        (
            f"Final-Recipient: rfc822;{B}\nAction: delayed\nStatus: 4.4.1\n"
            "Diagnostic-Code: smtp; connect to mx: Connection timed out\nWill-Retry-Until: later"
        ),
        "Final-Recipient: rfc822; carl@example.com\nAction: relayed\nStatus: 2.1.9",
        "Final-Recipient: rfc822; dora@example.com\nAction: delivered\nStatus: 2.0.0",
    ]
    assert found(dsn(groups)) == [
        (A, *HARD),
        (B, "delayed", "transient"),
        ("carl@example.com", "delivered", "delivered"),
        ("dora@example.com", "delivered", "delivered"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        f"Action: failed\nFinal-Recipient: RFC822; <{A}>\nStatus: 5.1.1 (bad mailbox)",
        f"final-recipient:rfc822;{A}\nACTION: FAILED\nstatus:5.1.1",
        f"Final-Recipient: {A}\nAction: failed\nStatus: 5.1.1",
        f"Final-Recipient: rfc822;\n {A}\nAction: failed\nStatus: 5.1.1",
        f"Original-Recipient: rfc822;{A}\nAction: failed\nStatus: 5.1.1",
        f"Final-Recipient: rfc822;{A}\n\nAction: failed\nStatus: 5.1.1",
        f"Action: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822;{A}",
        f"Final-Recipient: rfc822;{A}\nAction: failed\nDiagnostic-Code: X-Unix; 67",
        (
            f"Final-Recipient: utf-8; {A}\nAction: failed\nStatus: 5.0.0\n"
            "Diagnostic-Code: smtp; 550-5.1.1 The account\n550-5.1.1 does not exist\n550 5.1.1 no"
        ),
    ],
)
def test_fields_as_they_are_really_written(fields: str):
    assert found(dsn(fields)) == [(A, *HARD)]


def test_nobody_is_named_but_why_is_told():
    raw = letter("Your message was rejected: the mailbox is full.", Subject="Undelivered mail")
    assert found(raw) == [("", "soft", "quota")]


def test_a_report_without_its_fields_is_read_as_text():
    text = f"The message could not be delivered to <{A}>: 552 5.2.2 mailbox full"
    raw = multipart(
        [("text/plain", text)], "report; report-type=delivery-status", From="<x@example.org>"
    )
    assert found(raw) == [(A, "soft", "quota")]


def test_a_refusal_tells_more_than_the_successes_before_it():
    text = f"Could not be delivered to:\n\n<{A}>: 250 2.1.0 ok, then 550 5.1.1 unknown"
    assert only(letter(text, Subject="Undelivered mail")).status == "5.1.1"


def test_a_comment_of_the_status_is_evidence():
    fields = f"Final-Recipient: rfc822;{A}\nAction: failed\nStatus: 4.2.2 (Over quota)"
    report = only(dsn(fields, text=f"Your mail to <{A}> came back.\n"))
    assert (report.diagnostic, report.status, report.reason) == (
        "4.2.2 (Over quota)",
        "4.2.2",
        "quota",
    )


def test_the_text_tells_what_the_fields_do_not():
    text = f"<{A}>: host mx said: 550 5.1.1 no such user\n\n<{B}>: host mx said: 552 5.2.2 full\n"
    assert found(dsn([failed(A), failed(B)], text=text)) == [(A, *HARD), (B, "soft", "quota")]


def test_one_address_may_end_like_another():
    text = f"<jo{A}>: host mx said: 552 5.2.2 full\n\n<{A}>: host mx said: 550 5.1.1 unknown\n"
    assert found(dsn([failed(f"jo{A}"), failed(A)], text=text)) == [
        (f"jo{A}", "soft", "quota"),
        (A, *HARD),
    ]


def test_words_after_data_are_a_filters():
    text = f"<{A}>: host mx said: 550 Unknown user {A} (in reply to end of DATA\n    command)\n"
    assert found(dsn(failed(A, f"550 Unknown user {A}"), text=text)) == [(A, "soft", "refused")]


def test_the_evidence_is_what_was_said_and_no_title():
    said = only(letter(OF_SIZE, Subject="Mail delivery failed")).diagnostic
    assert said.startswith("Mail size limit exceeded")
    transcript = (
        f"Failed address: {A}\n\n Mon: --> RCPT To:<{A}>\n Mon: <-- 550 No such user here\n"
    )
    report = only(letter(transcript, Subject="Undeliverable mail"))
    assert (report.diagnostic, report.reason) == ("550 No such user here", "invalid_recipient")


def test_the_code_in_the_words_is_better_than_the_field():
    report = only(dsn(failed(A, "552 5.2.2 Over quota", "5.1.1")))
    assert (report.status, report.code, report.reason) == ("5.2.2", "552", "quota")


def test_a_status_is_derived_where_none_is_written():
    text = f"Could not be delivered to:\n\n<{A}>: 552 mailbox full"
    assert only(letter(text, Subject="Undelivered mail")).status == "5.2.2"


@pytest.mark.parametrize(
    "charset", ["utf-8", "iso-8859-1", "x-unknown", "utf-16", "iso-2022-jp", "hex", ""]
)
def test_wrong_charsets(charset: str):
    text = f"<{A}>: host mx said: 550 5.1.1 Benutzer möglicherweise unbekannt (user unknown)"
    raw = letter(
        f"This is the mail system.\n\n{text}\n",
        Subject="=?x-none?Q?Undelivered_=FF?= mail returned",
        Content_Type=f"text/plain; charset={charset}",
    )
    assert found(raw) == [(A, *HARD)]


def test_encodings():
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "MAILER-DAEMON@x.example", ME, "Undelivered mail"
    for encoding in ("base64", "quoted-printable"):
        mail.set_content(QMAIL, cte=encoding)
        assert [recipient for recipient, _, _ in found(mail.as_bytes())] == [A, B]


def test_only_html():
    html = f"<p>Delivery has failed to these recipients:</p><p>&lt;{A}&gt;<br>550 5.1.1 unknown</p>"
    raw = letter(html, Subject="Undeliverable: x", Content_Type="text/html; charset=utf-8")
    assert found(raw) == [(A, *HARD)]


def broken(raw: bytes) -> list[bytes]:
    return [
        raw.replace(b'boundary="=_x"', b""),
        raw.replace(b'boundary="=_x"', b'boundary="other"'),
        raw.replace(b"--=_x--\n", b""),
        raw.replace(b"--=_x--\n", b"")[:-20],
        raw.replace(b"\n", b"\r\n"),
        raw.replace(b"\n", b"\r"),
        b"From MAILER-DAEMON  Mon Jun  1 10:00:00 2026\n" + raw,
        b"\n\n" + raw,
        raw.replace(b"multipart/report", b"MULTIPART/Report"),
        raw.replace(b"MIME-Version: 1.0\n", b""),
    ]


@pytest.mark.parametrize("number", range(10))
def test_broken_mime(number: int):
    raw = broken(dsn(failed(A, "550 5.1.1 user unknown", "5.1.1")))[number]
    assert found(raw) == [(A, *HARD)]


def test_an_mbox_is_read_whole():
    line = b"From MAILER-DAEMON  Mon Jun  1 10:00:00 2026\n"
    one, two = dsn(failed(A, status="5.1.1")), dsn(failed(B, status="5.2.2"))
    assert found(line + one + b"\n" + line + two) == [(A, *HARD), (B, "soft", "quota")]


ORDINARY = {
    "an answer to a bounce": letter(
        f"<{A}>: 550 5.1.1 user unknown, it says. We will look.",
        From="postmaster@example.org",
        Subject="Re: Undelivered mail",
    ),
    "figures of a mail server": letter(
        "Today 20 mails went out.", From="postmaster@example.org", Subject="Mail delivery report"
    ),
    "a list's talk": letter(
        f"This is the mail system at host x, and <{A}> could not be delivered to. Why?",
        From="Bo <bo@example.org>",
        Sender="mail-talk-bounces@lists.example",
        Subject="[mail-talk] Undelivered Mail Returned to Sender",
    ).replace(b"This is the mail", b"I get this: This is the mail"),
    "a receipt": multipart(
        [
            ("text/plain", "Your message was read."),
            (
                "message/disposition-notification",
                f"Final-Recipient: rfc822;{A}\nDisposition: manual-action; displayed",
            ),
        ],
        "report; report-type=disposition-notification",
        From=A,
    ).replace(b"Undelivered Mail Returned to Sender", b"Read: Invoice"),
    "a letter": letter("Hello!", From="Bo <bo@example.org>", Subject="Hi"),
    "nothing": b"",
    "no headers": b"\n\nHello",
    "an apology": letter(
        f"Sorry, my mail to {A} could not be delivered: mailbox full. Do you have another address?",
        From="Bo <bo@example.org>",
        Subject="Re: lunch",
    ),
    "a parcel": letter(
        "Your parcel could not be delivered to Main Street 1. Please choose a new date.",
        From="Parcels <no-reply@parcels.example>",
        Subject="Delivery failed",
    ),
    "a question about a bounce": letter(
        f"> Final-Recipient: rfc822; {A}\n> Action: failed\n> Status: 5.1.1\n\nWhat is this?",
        From="Bo <bo@example.org>",
        Subject="What is this bounce?",
    ),
    "a forwarded bounce": multipart(
        [
            ("text/plain", "Look."),
            ("message/rfc822", dsn(failed(A, status="5.1.1")).decode().replace("=_x", "=_y")),
        ],
        From="Bo <bo@example.org>",
    ).replace(b"Undelivered Mail Returned to Sender", b"Fwd: odd mail"),
    "a newsletter": letter("News.", From="News <news@shop.example>", Precedence="bulk"),
    "a generated mail": letter(
        "Your invoice.", From="Billing <billing@shop.example>", Auto_Submitted="auto-generated"
    ),
    "a postmaster's letter": letter(
        "The server is down tonight.", From="postmaster@example.org", Subject="Maintenance"
    ),
    "a sign-up": letter(
        "Please confirm your email address.", From="Shop <hi@shop.example>", Subject="Welcome"
    ),
}


@pytest.mark.parametrize("raw", ORDINARY.values(), ids=ORDINARY)
def test_no_false_bounce(raw: bytes):
    assert read(raw).reports == ()
