"""Complaints, notices, automatic answers, and the ids of ours that are found in them."""

import json

import pytest

from delivery.bounces.reading import read
from delivery.bounces.reports import Origins, Report
from tests.unit.bounces.letters import COPY, ME, dsn, failed, feedback, letter, multipart

A, B = "anna@example.com", "bo@example.org"
OURS = "0190b2f0-1111-8222-8333-444455556666"
VERP = f"b+{'0a' * 16}.{'1b' * 10}@bounces.example.net"


def only(raw: bytes) -> Report:
    reports = read(raw).reports
    assert len(reports) == 1, reports
    return reports[0]


@pytest.mark.parametrize("kind", ["abuse", "fraud", "virus", "other", "opt-out", "ABUSE"])
def test_a_complaint(kind: str):
    report = only(feedback(f"Feedback-Type: {kind}\nVersion: 1\nOriginal-Rcpt-To: <{A}>\n"))
    assert (report.recipient, report.kind, report.reason) == (A, "complaint", "complaint")
    assert report.diagnostic == f"feedback-type: {kind}"


def test_a_complaint_of_several():
    fields = f"Feedback-Type: abuse\n\nOriginal-Rcpt-To: {A}\nOriginal-Rcpt-To: {B}\n"
    assert [report.recipient for report in read(feedback(fields)).reports] == [A, B]


def test_a_complaint_without_recipient_takes_the_copys():
    assert only(feedback("Feedback-Type: abuse\nVersion: 1\n")).recipient == A


def test_a_redacted_complaint_is_found_by_our_ids():
    fields = "Feedback-Type: abuse\nVersion: 1\nRedacted-Address: redacted@\n"
    raw = feedback(fields, COPY.replace("To: {recipient}\n", ""))
    assert only(raw).recipient == ""
    assert read(raw).origins.deliveries == (OURS,)


def test_a_failed_authentication_is_nobodys_complaint():
    report = only(feedback(f"Feedback-Type: auth-failure\nOriginal-Rcpt-To: {A}\n"))
    assert (report.kind, report.reason) == ("unknown", "policy")


def test_not_spam_after_all_is_no_complaint():
    raw = feedback(f"Feedback-Type: not-spam\nOriginal-Rcpt-To: {A}\n")
    assert read(raw).reports == ()


def test_microsofts_forwarded_complaint():
    original = f"X-HmXmrOriginalRecipient: {A}\n{COPY.format(recipient='x@x.example')}"
    raw = multipart(
        [("text/plain", ""), ("message/rfc822", original)], From="staff@hotmail.com"
    ).replace(b"Undelivered Mail Returned to Sender", b"complaint about message from 192.0.2.1")
    assert (only(raw).recipient, only(raw).kind) == (A, "complaint")


def notice(told: object) -> bytes:
    text = json.dumps(told) + "\n--\nIf you wish to stop receiving notifications, visit ...\n"
    return letter(text, From="SES <no-reply@sns.amazonaws.com>", X_Amz_Sns_Message_Id="1-2-3")


def test_notices_of_amazon():
    said = "smtp; 550 5.1.1 <anna@example.com>: user unknown"
    recipient = {"emailAddress": A, "action": "failed", "status": "5.1.1", "diagnosticCode": said}
    bounced = {"notificationType": "Bounce", "bounce": {"bouncedRecipients": [recipient]}}
    assert (only(notice(bounced)).kind, only(notice(bounced)).code) == ("hard", "550")
    complained = {"complainedRecipients": [{"emailAddress": A}]}
    complaint = {"eventType": "Complaint", "complaint": complained}
    assert (only(notice(complaint)).recipient, only(notice(complaint)).kind) == (A, "complaint")
    delivered = {"recipients": [A], "smtpResponse": "250 2.6.0 queued"}
    report = only(notice({"notificationType": "Delivery", "delivery": delivered}))
    assert (report.kind, report.status, report.code) == ("delivered", "2.6.0", "250")
    assert only(notice({"Type": "Notification", "Message": json.dumps(bounced)})).kind == "hard"


@pytest.mark.parametrize(
    "told",
    [{}, [], {"notificationType": "Bounce"}, {"notificationType": "Bounce", "bounce": []},
     {"notificationType": "Bounce", "bounce": {"bouncedRecipients": 3}}, {"eventType": "Click"}],
)  # fmt: skip
def test_notices_that_say_nothing(told: object):
    assert read(notice(told)).reports == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "Invoice"},
        {"Precedence": "auto_reply"},
        {"X_Apple_Action": "VACATION"},
        {"Subject": "Automatic reply: Invoice"},
        {"Subject": "Out of Office: Invoice"},
        {"Subject": "Re: Out of the office until Monday"},
        {"Subject": "=?utf-8?Q?R=C3=A9ponse_automatique_:_Facture?="},
        {"Subject": "Automatische Antwort: Rechnung"},
        {"Subject": "Abwesenheitsnotiz: Rechnung"},
        {"Subject": "=?utf-8?B?6Ieq5YuV5b+c562U?="},
    ],
)
def test_automatic_answers(headers: dict[str, str]):
    said = {"Subject": "Re: Invoice", "From": f"Anna <{A}>"} | headers
    report = only(letter("I am on holiday until Monday.", **said))
    assert (report.recipient, report.kind, report.reason) == (A, "autoreply", "auto_reply")
    assert report.diagnostic


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Invoice", "Please confirm your email address to have your message delivered."),
        ("Re: Invoice", "Your message is being held until you verify that you are human."),
        ("[SpamArrest] Re: Invoice", "Click here."),
    ],
)
def test_challenges(subject: str, text: str):
    report = only(letter(text, From=A, Subject=subject, Auto_Submitted="auto-replied"))
    assert (report.recipient, report.kind, report.reason) == (A, "autoreply", "challenge")


def test_a_bounce_that_calls_itself_a_reply_is_a_bounce():
    assert only(dsn(failed(A, status="5.1.1"), Auto_Submitted="auto-replied")).kind == "hard"


def test_our_ids_are_found_wherever_they_are():
    origins = read(dsn(failed(A), To=VERP)).origins
    assert origins == Origins((OURS,), (f"{OURS}@example.net",), (VERP,))
    in_text = letter(f"Could not be delivered to:\n\n{A}\n\n{COPY}", Delivered_To=f"<{VERP}>")
    assert read(in_text).origins == origins
    quoted = letter(f"> X-Tidings-Delivery: {OURS}\n> Message-ID: <a@b>\n", Subject="Re: Invoice")
    assert read(quoted).origins == Origins()
    replied = letter("Away.", From=A, In_Reply_To="<a@b>", References="<z@b>\n <a@b>")
    assert read(replied).origins.message_ids == ("a@b", "z@b")


def test_nothing_of_ours_is_nothing():
    assert read(letter("Hello", From=f"Anna <{A}>", To=ME)).origins == Origins()
