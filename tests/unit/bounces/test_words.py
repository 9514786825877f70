"""Sentences of servers, and what is made of them."""

import pytest

from delivery.bounces.judging import Evidence, judge

A = "anna@example.com"

SENTENCES: tuple[tuple[str, str], ...] = (
    # As in Diagnostic-Code, and "reason"; a "!" where it must not be hard for want of a witness.
    ("550 5.1.1 <anna@example.com>: Recipient address rejected: User unknown", "invalid_recipient"),
    ("550 5.1.1 The email account that you tried to reach does not exist.", "invalid_recipient"),
    (
        (
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address "
        "lookup"
        ),
        "invalid_recipient",
    ),
    (
        (
        "550 5.4.1 Recipient address rejected: Access denied. [AM0EUR02FT024.eop-"
        "EUR02.prod]"
        ),
        "invalid_recipient",
    ),
    ("550 No such user here (in reply to RCPT TO command)", "invalid_recipient"),
    (
        (
        "550 Requested action not taken: mailbox unavailable (in reply to RCPT TO "
        "command)"
        ),
        "invalid_recipient",
    ),
    (
        (
        "554 delivery error: dd This user doesn't have a yahoo.com account "
        "(anna@example.com) [0] - mta1 (in reply to RCPT TO command)"
        ),
        "invalid_recipient",
    ),
    ("550 Unrouteable address (in reply to RCPT TO command)", "bad_domain"),
    ("550 5.1.1 unknown or illegal alias: anna@example.com", "invalid_recipient"),
    ("553 sorry, no mailbox here by that name (#5.7.1) (in reply to RCPT TO command)", "policy"),
    ("511 sorry, no mailbox here by that name (#5.1.1 - chkuser)", "invalid_recipient"),
    ("550 Invalid recipient: anna@example.com (in reply to RCPT TO command)", "invalid_recipient"),
    (
        "550 <anna@example.com>, Recipient unknown (in reply to RCPT TO command)",
        "invalid_recipient",
    ),
    ("550-5.1.1 The user does not exist or 550 5.1.1 mailbox was removed", "invalid_recipient"),
    ("User anna (anna@example.com) not listed in Domino Directory", "invalid_recipient"),
    (
        (
        "550 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416 "
        "[416] (in reply to RCPT TO command)"
        ),
        "invalid_recipient",
    ),
    ("550 Unknown user anna@example.com (in reply to end of DATA command)", "refused"),
    ("550 user unknown", "refused"),
    ("550 5.2.1 The email account that you tried to reach is disabled.", "inactive"),
    ("554 delivery error: dd Account disabled (inactive) [-21]", "inactive"),
    ("550 5.2.1 This mailbox has been blocked due to inactivity", "inactive"),
    ("550 5.2.1 mailbox disabled, not accepting messages", "inactive"),
    ("550 Account suspended (in reply to RCPT TO command)", "inactive"),
    ("525 5.7.13 User account disabled", "inactive"),
    ("550 5.1.6 recipient no longer on server", "moved"),
    ("551 User has moved; please try <anna@example.org>", "moved"),
    ("552 5.2.2 Mailbox size limit exceeded", "quota"),
    ("452 4.2.2 The email account that you tried to reach is over quota.", "quota"),
    ("550 5.1.1 mailbox is full", "quota"),
    ("552 Requested mail action aborted: exceeded storage allocation", "quota"),
    ("452 4.3.1 Insufficient system storage", "quota"),
    ("554 5.2.2 STOREDRV.Deliver; mailbox full", "quota"),
    ("Boîte aux lettres du destinataire pleine", "quota"),
    ("550 5.1.2 Bad destination system address", "bad_domain"),
    (
        (
        "Host or domain name not found. Name service error for name=example.invalid "
        "type=A: Host not found"
        ),
        "bad_domain",
    ),
    (
        (
        "Host or domain name not found. Name service error for name=example.com type=MX: "
        "Host not found, try again"
        ),
        "transient",
    ),
    ("550 5.1.2 Host unknown (Name server: mx.example.com: host not found)", "bad_domain"),
    ("DNS Error: 1 DNS type 'mx' lookup of example.com responded with code NXDOMAIN", "bad_domain"),
    ("Domain example.com does not accept mail (nullMX)", "bad_domain"),
    ("556 5.1.10 Domain does not accept mail", "bad_domain"),
    ("all relevant MX records point to non-existent hosts", "bad_domain"),
    ("Sorry, I couldn't find any host named example.invalid. (#5.1.2)", "bad_domain"),
    (
        (
        "450 4.7.1 <anna@example.com>: Recipient address rejected: Greylisted for 5 "
        "minutes"
        ),
        "transient",
    ),
    ("451 4.7.1 Greylisting in action, please come back later", "transient"),
    ("450 4.1.1 <anna@example.com>: Recipient address rejected: unverified address", "transient"),
    ("connect to mx.example.com[192.0.2.1]:25: Connection timed out", "transient"),
    ("connect to mx.example.com[192.0.2.1]:25: Connection refused", "transient"),
    (
        (
        "lost connection with mx.example.com[192.0.2.1] while receiving the initial "
        "server greeting"
        ),
        "transient",
    ),
    ("451 4.3.0 Temporary lookup failure", "transient"),
    ("retry timeout exceeded", "transient"),
    ("554 5.4.6 Too many hops", "transient"),
    ("mail for example.com loops back to myself", "transient"),
    ("delivery temporarily suspended: connect to mx.example.com: No route to host", "transient"),
    ("550 5.4.300 Message expired", "transient"),
    ("550-5.7.26 This mail has been blocked because the sender is unauthenticated.", "policy"),
    ("550 5.7.1 SPF check failed", "policy"),
    (
        (
        "550 5.7.515 Access denied, sending domain example.net doesn't meet the required "
        "authentication level"
        ),
        "policy",
    ),
    ("553 5.1.8 <x@example.net>: Sender address rejected: Domain not found", "policy"),
    ("550 5.7.1 Unable to relay", "policy"),
    ("554 5.7.1 <anna@example.com>: Relay access denied", "policy"),
    ("550 5.1.1 relaying denied", "policy"),
    ("550 5.7.25 The IP address sending this message does not have a PTR record setup", "policy"),
    ("530 5.7.0 Must issue a STARTTLS command first", "policy"),
    ("550 5.7.1 You are not allowed to send to this group", "policy"),
    ("550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", "policy"),
    ("550 unknown user (in reply to MAIL FROM command)", "policy"),
    (
        (
        "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
        "zen.spamhaus.org"
        ),
        "reputation",
    ),
    (
        (
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact "
        "your provider since part of their network is on our block list (S3150)."
        ),
        "reputation",
    ),
    (
        (
        "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user "
        "complaints"
        ),
        "reputation",
    ),
    (
        (
        "421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating "
        "from your IP address"
        ),
        "reputation",
    ),
    ("550 5.7.1 Message rejected as spam", "reputation"),
    ("554 Your message looks like spam to us", "reputation"),
    ("451 too many connections from your IP (rate controlled)", "reputation"),
    ("554 5.7.1 Message cannot be accepted, virus found", "content"),
    ("552 5.3.4 Message size exceeds fixed maximum message size", "content"),
    ("552 5.2.3 Message too large for this recipient", "content"),
    ("550 5.6.0 Header error", "content"),
    (
        (
        "552-5.7.0 This message was blocked because its content presents a potential "
        "security issue."
        ),
        "content",
    ),
    ("500 5.5.2 Syntax error, command unrecognized", "protocol"),
    ("503 5.5.1 Bad sequence of commands", "protocol"),
    ("550 5.2.0 The recipient has chosen to only accept mail from specific senders", "refused"),
    ("550 message refused by the user's filter rules", "refused"),
    ("550 5.1.1 RCP-P2 Refused due to recipient preferences", "refused"),
    ("Resources unavailable, this message has been in the queue too long [#4.1.9]", "transient"),
    ("554 5.7.1 <anna@example.com>: Recipient address rejected: Policy", "policy"),
    ("553 5.7.1 sorry, your envelope recipient is in my badrcptto list", "policy"),
    ("550 5.7.1 user unknown (in reply to end of DATA command)", "policy"),
    ("550 Blocked by recipient", "refused"),
    ("554 IMTA blocked connection", "reputation"),
    ("550 something quite new", "unknown"),
)  # fmt: skip

HARD = {"invalid_recipient", "bad_domain", "moved"}


def hosts(said: str) -> str:
    if "Gmail" in said or "email account that you" in said or "security issue" in said:
        return "aspmx.l.google.com"
    return "mx.wanadoo.fr" if "OFR" in said else "mx.example.com"


@pytest.mark.parametrize(("said", "reason"), SENTENCES, ids=[said[:50] for said, _ in SENTENCES])
def test_says_why(said: str, reason: str):
    report = judge(Evidence(A, said, action="failed", hosts=hosts(said)))
    assert report.reason == reason
    assert report.kind == ("hard" if reason in HARD else "soft")
    assert report.diagnostic == said


@pytest.mark.parametrize("status", ["5.7.1", "5.7.17", "5.7.18", "5.7.26", "4.7.0", "5.7.999"])
@pytest.mark.parametrize("said", ["user unknown", "no such domain", "user has moved to x", "no"])
def test_what_is_our_own_fault_is_never_held_against_the_address(status: str, said: str):
    for stage in ("RCPT TO", "MAIL FROM", "end of DATA"):
        words = f"550 {status} {said} (in reply to {stage} command)"
        assert judge(Evidence(A, words, action="failed")).kind == "soft"
