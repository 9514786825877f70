"""Mails as they come back."""


def dsn(
    recipient: str = "anna@example.com",
    status: str = "5.1.1",
    diagnostic: str = "550 5.1.1 <anna@example.com>: User unknown",
    action: str = "failed",
    original: str = "Subject: hello\n",
) -> bytes:
    """A delivery report (RFC 3464)."""
    return f"""\
From: MAILER-DAEMON@mx.example.com
To: us
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=cut

--cut
Content-Type: text/plain

I am sorry to have to inform you.
--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--cut
Content-Type: text/rfc822-headers

{original}
--cut--
""".replace("\n", "\r\n").encode()


def complaint(original: str, recipient: str = "redacted@example.com") -> bytes:
    """A feedback report (RFC 5965)."""
    return f"""\
From: feedback@isp.example
To: us
Subject: FW: hello
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=cut

--cut
Content-Type: text/plain

This is an email abuse report.
--cut
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: isp/1.0
Version: 1
Original-Rcpt-To: {recipient}

--cut
Content-Type: message/rfc822

{original}
Subject: hello

hello
--cut--
""".replace("\n", "\r\n").encode()


VACATION = (
    b"From: Anna <anna@example.com>\r\nTo: us\r\nSubject: Out of office\r\n"
    b"Auto-Submitted: auto-replied\r\n\r\nBack on Monday.\r\n"
)
PERSON = b"From: Anna <anna@example.com>\r\nTo: us\r\nSubject: unsubscribe\r\n\r\nplease\r\n"
