"""What a mail that came back means: by its reason, and for whom its address vouches."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from delivery.bounces.reports import Kind as Word, Reason
from delivery.feedback import fold
from delivery.returns.addresses import (
    Bounces,
    Complaints,
    OptOut,
    Return,
    ReturnKeys,
    bounces_to,
    optouts_to,
    read,
)
from delivery.returns.meaning import KEPT, VENDOR, Place, Returned, found, meaning, unmatched
from models.ids import delivery_id
from models.reasons import Failure
from models.records import Bounce, Feedback, Kind
from models.states import DeliveryState as D
from tests.mails import PERSON, VACATION, complaint, dsn

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
EVENT = UUID("000100ac-0000-8000-8000-000000000000")
ID = delivery_id(EVENT, "anna", "email", "email")
VICTIM = delivery_id(EVENT, "bo", "email", "email")
KEYS = ReturnKeys.of(b"a secret of thirty-two characters")
PLACE = Place("bounces.example.com", KEYS)
WISH = optouts_to("anna", "boards", "email", KEYS)


def to(local: str) -> str:
    return f"{local}@{PLACE.domain}"


def genuine(address: str) -> Return:
    said = read(address, PLACE.domain, KEYS)
    assert said is not None
    return said


def returned(said: tuple[Return, ...], raw: bytes, *, unsent: bool = True) -> Returned:
    return Returned(unsent, said, raw)


def told(raw: bytes, *said: Return, unsent: bool = True) -> tuple[Feedback, ...]:
    return meaning(returned(said or (Bounces(ID),), raw, unsent=unsent), PLACE, NOW).feedback


def one(raw: bytes, *said: Return) -> Feedback:
    (event,) = told(raw, *said)
    return event


@pytest.mark.parametrize(
    ("status", "words", "bounce", "rests", "soft"),
    [
        ("5.1.1", "550 5.1.1 User unknown", Bounce.INVALID, True, False),
        ("5.1.2", "550 5.1.2 Host unknown: domain not found", Bounce.DOMAIN, True, False),
        ("5.2.1", "550 5.2.1 The mailbox is disabled", Bounce.INACTIVE, True, False),
        ("5.2.2", "552 5.2.2 Mailbox full", Bounce.QUOTA, False, True),
        ("4.4.1", "Connection timed out", Bounce.TRANSIENT, False, True),
        ("5.7.1", "550 5.7.1 SPF check failed", Bounce.POLICY, False, False),
        ("5.7.26", "550 5.7.26 unauthenticated, DMARC", Bounce.POLICY, False, False),
        ("4.7.28", "421 4.7.28 unusual rate of unsolicited mail", Bounce.POLICY, False, False),
        ("5.6.0", "554 5.6.0 message content rejected", Bounce.CONTENT, False, False),
    ],
)
def test_what_follows_is_decided_by_the_reason(
    status: str, words: str, bounce: Bounce, *, rests: bool, soft: bool
):
    event = one(dsn(status=status, diagnostic=words))
    assert (event.kind, event.bounce) == (Kind.BOUNCED, bounce)
    folded = fold(event, D.SENT, 0, NOW)
    assert folded.state is D.BOUNCED
    assert (folded.rest is not None, folded.soft) == (rests, soft)


def test_every_reason_of_the_reader_means_something():
    ours = {Reason.DELIVERED, Reason.COMPLAINT, Reason.AUTO_REPLY, Reason.CHALLENGE, Reason.UNKNOWN}
    from delivery.returns.meaning import _BOUNCES, _KINDS  # noqa: PLC0415 - the tables themselves

    assert set(_BOUNCES) == set(Reason) - ours
    assert set(_KINDS) == set(Word)


@pytest.mark.parametrize(
    ("raw", "kind", "becomes"),
    [
        (dsn(action="delayed", status="4.4.7", diagnostic="still trying"), Kind.DEFERRED, None),
        (dsn(action="delivered", status="2.0.0", diagnostic="250 ok"), Kind.DELIVERED, D.DELIVERED),
        (VACATION, Kind.AUTORESPONDED, None),
        (PERSON, Kind.UNKNOWN, None),
        (b"", Kind.UNKNOWN, None),
        (complaint("Message-ID: <x@y>"), Kind.COMPLAINED, None),
    ],
)
def test_other_kinds_are_kept_and_move_what_they_should(raw: bytes, kind: Kind, becomes: D | None):
    event = one(raw)
    assert event.kind is kind
    assert event.delivery_id == ID
    assert fold(event, D.SENT, 0, NOW).state is becomes


@pytest.mark.parametrize(
    ("raw", "becomes", "reason"),
    [
        (dsn(), D.BOUNCED, Failure.ADDRESS_REFUSED),
        (dsn(action="delivered", status="2.0.0", diagnostic="250 ok"), D.DELIVERED, None),
        (VACATION, None, None),
    ],
)
def test_doubt_is_settled_by_what_came_back(raw: bytes, becomes: D | None, reason: Failure | None):
    folded = fold(one(raw), D.IN_DOUBT, 1, NOW)
    assert (folded.state, folded.reason) == (becomes, reason)


def test_a_complaint_lets_the_address_rest():
    rest = fold(one(complaint("Subject: hello")), D.SENT, 0, NOW).rest
    assert rest is not None
    assert (rest.reason, rest.until) == ("complaint", None)


def test_the_address_says_which_delivery_and_nothing_else_does():
    forged = f"X-Tidings-Delivery: {VICTIM}\nMessage-ID: <{VICTIM}@example.com>\n"
    assert one(dsn(original=forged)).delivery_id == ID
    for raw in (dsn(original=forged), complaint(forged.strip())):
        event = one(raw, Complaints())
        assert event.delivery_id is None
        assert event.raw["mail"], "kept for whoever wants to look"


@pytest.mark.parametrize("header", ["Return-Path: <{}>", "Received-SPF: pass envelope-from=<{}>"])
def test_a_complaint_is_matched_by_a_genuine_return_path_in_its_copy(header: str):
    raw = complaint(header.format(to(bounces_to(ID, KEYS)).upper()))
    assert one(raw, Complaints()).delivery_id == ID
    wrong = ReturnKeys.of(b"another one, of as many characters")
    raw = complaint(header.format(to(bounces_to(ID, wrong))))
    assert one(raw, Complaints()).delivery_id is None


def test_whom_a_report_names_is_kept_but_never_believed():
    event = one(dsn(recipient="victim@example.com"))
    assert event.recipient is None
    assert event.raw["report"]["recipient"] == "victim@example.com"


def test_the_same_mail_is_the_same_event_and_another_delivery_has_its_own():
    again, other = one(dsn()), one(dsn(), Bounces(VICTIM))
    assert one(dsn()).event_id == again.event_id != other.event_id
    assert one(dsn(status="5.1.2")).event_id != again.event_id
    later = meaning(returned((Bounces(ID),), dsn()), PLACE, NOW + timedelta(1)).feedback[0]
    assert later.event_id == again.event_id
    both = told(dsn(), Bounces(ID), Bounces(VICTIM))
    assert {event.delivery_id for event in both} == {ID, VICTIM}


def test_of_many_reports_some_are_kept_and_the_mail_once():
    groups = "".join(
        f"Final-Recipient: rfc822; r{n}@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        for n in range(60)
    ).encode()
    raw = dsn().replace(b"Final-Recipient", groups + b"Final-Recipient", 1)
    events = told(raw)
    assert len(events) == len({event.event_id for event in events}) == 20
    assert [number for number, event in enumerate(events) if "mail" in event.raw] == [0]


def test_the_beginning_of_a_mail_is_kept_as_the_database_can_hold_it():
    event = one(dsn() + b"\0\xff" * 40_000)
    assert event.vendor == VENDOR
    assert len(event.raw["mail"]) <= KEPT
    assert event.raw["mail"].endswith("\ufffd")


def wishes(raw: bytes, *, unsent: bool = False) -> tuple[OptOut, ...]:
    said = genuine(to(WISH))
    return meaning(returned((said,), raw, unsent=unsent), PLACE, NOW).wishes


def test_a_person_who_writes_wants_no_more():
    said = meaning(returned((genuine(to(WISH)),), PERSON, unsent=False), PLACE, NOW)
    assert said.wishes == (genuine(to(WISH)),)
    assert said.feedback == ()
    lost = unmatched(said, said.raw)
    assert (lost.kind, lost.delivery_id) == (Kind.UNSUBSCRIBED, None)
    assert "please" in lost.raw["mail"]
    assert unmatched(said, None).raw is None


@pytest.mark.parametrize("raw", [VACATION, dsn(), complaint("Subject: hello")])
def test_a_program_that_answers_wants_nothing(raw: bytes):
    assert wishes(raw) == ()
    assert wishes(PERSON, unsent=True) == ()
    said = genuine(to(WISH))
    kept = meaning(returned((said,), raw), PLACE, NOW).feedback
    assert [event.delivery_id for event in kept] == [None]


def test_our_own_header_in_a_copy_is_no_wish():
    quoted = f"List-Unsubscribe: <https://x.test/u/T>, <mailto:{to(WISH)}>"
    for raw in (dsn(original=quoted + "\n"), complaint(quoted)):
        mail = found(b"Delivered-To: box@example.com\r\n" + raw, PLACE)
        assert mail.to == ()
        assert meaning(mail, PLACE, NOW).wishes == ()


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_the_headers_of_a_fetched_mail_tell_its_envelope(header: str):
    address = to(bounces_to(ID, KEYS)).upper()
    mail = found(f"Return-Path: <>\r\n{header}: <{address}>\r\n".encode() + dsn(), PLACE)
    assert mail.to == (Bounces(ID),)
    assert mail.unsent
    mail = found(f"Return-Path: <anna@x.test>\r\n{header}: {to(WISH)}\r\n".encode() + PERSON, PLACE)
    assert not mail.unsent
    assert len(meaning(mail, PLACE, NOW).wishes) == 1


def test_returns_are_all_thought_of():
    assert set(get_args(Return)) == {Bounces, OptOut, Complaints}
