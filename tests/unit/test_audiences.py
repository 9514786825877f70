"""Audiences as documents: what is read, what is refused and how, what each says, how they nest."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from delivery.audiences import (
    AudienceError,
    as_audience,
    condition_of,
    fit,
    read_toml,
    sentence,
    users,
)
from delivery.audiences.body import ABOUT, AttributeBody
from delivery.audiences.document import DEEPEST, MOST, read
from delivery.audiences.lists import Form, Reject, column_of, entries, form_of
from delivery.rulebook.writing import as_toml
from models.records.audiences import Nameable, StoredAudience
from models.records.conditions import AllOf, AttributeIs, Inside, NotOf, OnList

KNOWN = Nameable(
    frozenset({"email", "in_app"}),
    frozenset({"board.shared", "page.edited"}),
    frozenset({"offers"}),
    frozenset({"staff", "vip"}),
)
AT = datetime(2026, 11, 22, tzinfo=UTC)
HEAD = 'key = "some"\ntitle = "Some"\n'


def one(*conditions: dict[str, Any], **frame: Any) -> dict[str, Any]:
    return {"key": "some", "title": "Some", "all": list(conditions), **frame}


def stored(document: dict[str, Any], key: str = "some", list_: int | None = None) -> StoredAudience:
    return StoredAudience(key, 1, "Some", {**document, "key": key}, list_, None, "", AT, "ada")


SENTENCES: list[tuple[dict[str, Any], str]] = [
    ({"about": "attribute", "name": "plan", "is": "team"}, "plan is team"),
    ({"about": "attribute", "name": "plan", "in": ["a b", 2, True]}, 'plan is "a b", 2 or true'),
    ({"about": "attribute", "name": "tags", "contains": "new"}, "tags contains new"),
    ({"about": "attribute", "name": "phone", "exists": True}, "phone is known"),
    ({"about": "attribute", "name": "phone", "exists": False}, "not: phone is known"),
    ({"about": "attribute", "name": "seats", "at_least": 5, "at_most": 7.5},
     "seats is at least 5 and at most 7.5"),
    ({"about": "attribute", "name": "renews", "coming": "14 days"},
     "renews is in the next 14 days"),
    ({"about": "attribute", "name": "born", "before": "2000-01-01"},
     "born is before 2000-01-01"),
    ({"about": "attribute", "name": "born", "after": "2000-01-01T12:30:00Z"},
     "born is on or after 2000-01-01 12:30 UTC"),
    ({"about": "org", "in": ["acme"]}, "the organisation is acme"),
    ({"about": "timezone", "in": ["Europe/Berlin"]}, 'the time zone is "Europe/Berlin"'),
    ({"about": "locale", "in": ["de", "fr"]}, "the locale is de or fr"),
    ({"about": "created", "within": "30 days"}, "they became known in the last 30 days"),
    ({"about": "created", "longer_ago": "30 days"}, "they became known more than 30 days ago"),
    ({"about": "event", "topic": "page.edited"},
     "there was at least 1 event of page.edited for them"),
    ({"about": "event", "at_least": 2}, "there were at least 2 events for them"),
    ({"about": "sent", "at_most": 0, "within": "7 days"},
     "they were sent no messages in the last 7 days"),
    ({"about": "delivered", "at_least": 1, "at_most": 3}, "1 to 3 messages reached them"),
    ({"about": "opened"}, "they opened at least 1 message"),
    ({"about": "clicked", "at_most": 4}, "they followed a link in at most 4 messages"),
    ({"about": "address", "channel": "email"}, "there is an address on email"),
    ({"about": "reachable", "channel": "email", "category": "offers"},
     "an address on email is not suppressed for offers"),
    ({"about": "consent", "category": "offers", "channel": "email"}, "they want offers on email"),
    ({"about": "audience", "key": "staff"}, "they are in staff"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "said"), SENTENCES, ids=lambda value: str(value)[:40])
def test_each_condition_is_a_sentence(document: dict[str, Any], said: str):
    assert sentence(read(one(document), KNOWN)) == f"Everybody for whom {said}."


def test_every_kind_of_condition_has_a_sentence():
    assert {document["about"] for document, _ in SENTENCES} == set(ABOUT)


def test_groups_stand_in_parentheses():
    staff, vip = ({"about": "audience", "key": key} for key in ("staff", "vip"))
    document = one({"any": [staff, vip]}, {"not": {"all": [staff, vip]}})
    assert sentence(read(document, KNOWN)) == (
        "Everybody for whom (they are in staff or they are in vip)"
        " and not: (they are in staff and they are in vip)."
    )
    assert sentence(read(one(), KNOWN)) == "Everybody."


def test_toml_and_back_is_the_same():
    text = HEAD + (
        '[[all]]\nabout = "created"\nafter = 2026-01-01\n'
        '[[all]]\nany = [{ about = "org", in = ["a"] }, { not = { about = "opened" } }]\n'
    )
    document, audience = read_toml(text, KNOWN)
    assert json.loads(json.dumps(document)) == document
    assert read_toml(as_toml(document), KNOWN) == (document, audience)


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"about": "atribute"}, "about: there is no condition about atribute: did you mean attribute?"),
    ({"about": "attribute", "name": "plan"}, "say one thing of it"),
    ({"about": "attribute", "name": "plan", "is": 1, "exists": True}, "say one thing of it"),
    ({"about": "attribute", "name": "plan", "is": [1]}, "write a text, a number, true or false"),
    ({"about": "attribute", "name": "plan", "is": "a\0"}, "no text can hold NUL"),
    ({"about": "attribute", "name": "plan", "is": float("nan")}, "write a text, a number"),
    ({"about": "attribute", "name": "", "is": 1}, "write a text that is not empty"),
    ({"about": "attribute", "name": "n", "at_least": "5"}, "at_least"),
    ({"about": "attribute", "name": "n", "at_least": True}, "at_least"),
    ({"about": "attribute", "name": "d", "within": "soon"}, "is no length of time"),
    ({"about": "attribute", "name": "d", "within": "0 days"}, "write more than nothing"),
    ({"about": "attribute", "name": "d", "within": "9999 days"}, "is more than 3660 days"),
    ({"about": "attribute", "name": "d", "within": "1 day", "before": "2026-01-01"},
     "say one of within"),
    ({"about": "attribute", "name": "d", "after": "2026-02-30"}, "write it like 2026-11-22"),
    ({"about": "attribute", "name": "d", "after": "2026-02-02", "before": "2026-02-01"},
     "nothing is between"),
    ({"about": "attribute", "name": "d", "after": "0001-01-01"}, "between the years 1000 and 9000"),
    ({"about": "created"}, "say when"),
    ({"about": "created", "coming": "3 days"}, "nobody became known in the future"),
    ({"about": "org", "in": []}, "in"),
    ({"about": "timezone", "in": ["Moon/Sea"]}, "not a time zone"),
    ({"about": "locale", "in": ["de_AT"]}, "in"),
    ({"about": "event", "topic": "board.share"},
     "topic: there is no topic board.share: did you mean board.shared?"),
    ({"about": "event", "at_least": 0}, "true of everybody"),
    ({"about": "event", "at_least": 3, "at_most": 2}, "nobody can be both"),
    ({"about": "event", "at_least": 1.5}, "at_least"),
    ({"about": "address", "channel": "fax"}, "channel: there is no channel fax"),
    ({"about": "consent", "category": "ofers", "channel": "email"}, "did you mean offers?"),
    ({"about": "audience", "key": "stuff"}, "key: there is no audience stuff: did you mean staff?"),
    ({"about": "opened", "topics": []}, "there is no such field: see docs/audiences.md"),
    ({"any": []}, "any of nothing is nobody"),
    ({"any": {}}, "write a list of conditions"),
    ({"all": [], "any": []}, "nothing else stands"),
    ({"not": 7}, "write a condition"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "said"), FAULTS, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_said_with_its_place(document: dict[str, Any], said: str):
    with pytest.raises(AudienceError) as refused:
        read(one({"about": "opened"}, document), KNOWN)
    assert said in str(refused.value)
    assert str(refused.value).startswith("all 2")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"key": "Some", "title": "x", "all": []}, "key"),
        ({"key": "some", "all": []}, "title"),
        ({"key": "some", "title": "x"}, "say who belongs"),
        ({"key": "some", "title": "x", "all": [], "any": []}, "say who belongs"),
        ({"key": "some", "title": "x", "list": True, "all": []}, "say who belongs"),
        ({"key": "some", "title": "x", "list": "yes"}, "list"),
        (one(*[{"about": "opened"}] * (MOST + 1)), f"at most {MOST} conditions"),
    ],
)
def test_a_frame_that_is_none_is_refused(document: dict[str, Any], said: str):
    with pytest.raises(AudienceError, match=said):
        read(document, KNOWN)


def test_groups_lie_only_so_deep():
    deep: dict[str, Any] = {"about": "opened"}
    for _ in range(DEEPEST):
        deep = {"not": deep}
    with pytest.raises(AudienceError, match="make an audience of it"):
        read(one(deep), KNOWN)


def test_faults_in_a_text_know_their_line():
    with pytest.raises(AudienceError) as refused:
        read_toml(HEAD + '\n[[all]]\nabout = "org"\nin = ["a"]\n\n[[all]]\nabout = "fax"\n', KNOWN)
    assert [fault.line for fault in refused.value.faults] == [9]
    with pytest.raises(AudienceError, match="no TOML"):
        read_toml("key = ", KNOWN)


def test_an_audience_inside_another_is_put_in_its_place():
    plan = {"about": "attribute", "name": "plan", "is": "team"}
    there = {
        "vip": stored(one(plan), "vip"),
        "guests": stored({"title": "Some", "list": True}, "guests", 3),
        "both": stored(one({"about": "audience", "key": "vip"},
                           {"not": {"about": "audience", "key": "guests"}}), "both"),
    }  # fmt: skip
    assert condition_of("both", there) == AllOf((
        Inside("vip", AllOf((AttributeIs("plan", ("team",)),))),
        NotOf(Inside("guests", OnList("guests", 3))),
    ))  # fmt: skip
    assert users(there, {"vip": ["spring"]}) == {
        "vip": ("both", "campaign spring"), "guests": ("both",), "both": (),
    }  # fmt: skip
    with pytest.raises(AudienceError, match="no audience gone"):
        condition_of("gone", there)


def chain(*keys: str) -> dict[str, StoredAudience]:
    """Each uses the next."""
    ends = [*keys, None]
    return {
        key: stored(one({"about": "audience", "key": after} if after else {"about": "opened"}), key)
        for key, after in zip(keys, ends[1:], strict=True)
    }


def test_no_audience_is_inside_of_itself():
    there = chain("a", "b", "c")
    again = read({**one({"about": "audience", "key": "a"}), "key": "c"})
    with pytest.raises(AudienceError, match=r"inside of itself: a uses b uses c uses a|uses"):
        fit({"c": again}, there)
    fit({"c": as_audience(there["c"])}, there)


def test_audiences_lie_only_so_deep_in_each_other():
    there = chain("a", "b", "c", "d", "e")
    fit({}, there)
    with pytest.raises(AudienceError, match="at most 5 deep"):
        fit({"z": read({**one({"about": "audience", "key": "a"}), "key": "z"})}, there)


def test_a_list_stays_a_list():
    there = {"guests": stored({"title": "Some", "list": True}, "guests", 3)}
    with pytest.raises(AudienceError, match="stays one"):
        fit({"guests": read({**one(), "key": "guests"})}, there)
    there = chain("a")
    with pytest.raises(AudienceError, match="becomes none"):
        fit({"a": read({"key": "a", "title": "A", "list": True})}, there)


def test_so_far_back_counts_from_now():
    created = read(one({"about": "created", "within": "2 days"})).condition
    assert isinstance(created, AllOf)
    (part,) = created.parts
    span = part.span  # type: ignore[union-attr]
    assert span.bounds(AT) == (AT - timedelta(days=2), AT)


FORMS: list[tuple[bytes, str]] = [
    (b"recipient_id,name\nanna,A", "utf-8, separated by comma"),
    (b"\xef\xbb\xbfrecipient_id;name\n", "utf-8, separated by semicolon"),
    ("recipient_id\tname\n".encode("utf-16"), "utf-16, separated by tab"),
    ("recipient_id|name\n".encode("utf-16-le"), "utf-16-le, separated by bar"),
    ("recipient_id|name\n".encode("utf-16-be"), "utf-16-be, separated by bar"),
    ("recipient_id,name\nanna,J\u00f6rg".encode("cp1252"), "cp1252, separated by comma"),
    ("name,e-mail\nJ\u00f6".encode()[:-1], "utf-8, separated by comma"),
    (b"recipient_id\nanna;bo\n", "utf-8, separated by comma"),
    (b"", "utf-8, separated by comma"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "said"), FORMS)
def test_the_first_bytes_tell_how_a_list_is_written(head: bytes, said: str):
    assert str(form_of(head)) == said


def test_a_list_says_in_one_column_who():
    assert column_of(["Name", " E-Mail "], ["email", "sms"]) == (1, "email")
    assert column_of(["email", "recipient_id"], ["email"]) == (1, None)
    for header in (["name"], ["email", "sms"], []):
        with pytest.raises(ValueError, match="must name one column recipient_id"):
            column_of(header, ["email", "sms"])


def test_each_line_of_a_list_is_taken_or_refused_with_its_number():
    refused: list[Reject] = []
    text = ["recipient_id,name\n", "anna,A\n", "\n", ",B\n", "'-bo,C\n", " cy ,D,E\n", "d\0,x\n",
            "d\udce4,x\n", "x" * 201 + ",y\n"]  # fmt: skip
    channel, found = entries(text, Form("utf-8", ","), ["email"], refused.append)
    assert [(one.line, one.value) for one in found] == [(2, "anna"), (5, "-bo")]
    assert channel is None
    assert [(one.line, one.reason[:20]) for one in refused] == [
        (4, "the cell is empty"), (6, "the line has more ce"), (7, "a recipient id is 1 "),
        (8, "it holds octets that"), (9, "a recipient id is 1 "),
    ]  # fmt: skip


def test_every_condition_has_its_line_in_the_docs():
    page = (Path(__file__).parents[2] / "docs" / "audiences.md").read_text()
    told = re.findall(r"^\| `(\w+)` \|", page.partition("## Who belongs")[2], re.MULTILINE)
    assert {*ABOUT} <= {*told}
    assert (
        not {*told} - {*ABOUT} - set(AttributeBody.model_fields) - {"contains", "exists", "coming"}
    )
    tests = page.partition("| an attribute | says |")[2]
    for name, each in AttributeBody.model_fields.items():
        if name not in {"about", "name"}:
            assert f"`{each.alias or name}`" in tests, name
