"""Scopes: what mail is in which, and what a pause holds."""

import pytest

from delivery.reputation.scopes import Kind, Mail, Paused, Scope, read_scope
from models.records import Class

MAIL = Mail("example.com", "google", "news", "spring", "main")
NAMES = [
    "domain:example.com", "destination:example.com/google", "topic:news", "campaign:spring",
    "account:main",
]  # fmt: skip


def test_a_mail_is_in_a_scope_of_each_kind():
    assert [str(scope) for scope in MAIL.scopes] == NAMES
    assert {scope.kind for scope in MAIL.scopes} == set(Kind)


def test_what_is_not_known_of_a_mail_puts_it_in_no_scope():
    assert Mail().scopes == ()
    assert Mail(sender="example.com").scopes == (Scope(Kind.DOMAIN, "example.com"),)
    assert Mail(destination="google").scopes == ()


@pytest.mark.parametrize("name", [*NAMES, "topic:a/b", "topic:a:b"])
def test_a_scope_is_read_as_it_is_written(name: str):
    assert str(read_scope(name)) == name


@pytest.mark.parametrize(
    "name", ["", "news", "topic:", "planet:mars", "destination:example.com", "destination:/google"]
)
def test_what_is_no_scope_is_refused_with_those_there_are(name: str):
    with pytest.raises(ValueError, match=r"is no scope: write domain:…, destination:…/…"):
        read_scope(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_pause_holds_promotional_mail_of_its_scope_alone(name: str):
    paused = Paused(frozenset({name}), frozenset(), "example.com")
    assert paused.stops(Class.PROMOTIONAL, MAIL) == name
    assert paused.stops(Class.PROMOTIONAL, Mail("", "yahoo", "tips", "", "other")) == (
        name if name.startswith("domain:") else ""
    )
    assert not paused.stops(Class.TRANSACTIONAL, MAIL)
    assert not paused.stops(Class.CRITICAL, MAIL)


def test_what_is_no_mail_is_in_no_scope_not_even_its_domains():
    paused = Paused(frozenset({"domain:example.com"}), frozenset(), "example.com")
    assert not paused.stops(Class.PROMOTIONAL, Mail())


def test_another_domains_pause_is_not_ours():
    paused = Paused(frozenset({"destination:old.example/google"}), frozenset(), "example.com")
    assert not paused.stops(Class.PROMOTIONAL, MAIL)


def test_probation_slows_by_every_scope_a_mail_is_in():
    paused = Paused(frozenset(), frozenset({"topic:news", "account:main"}), "example.com")
    assert paused.slows(Class.PROMOTIONAL, MAIL) == ["account:main", "topic:news"]
    assert paused.slows(Class.TRANSACTIONAL, MAIL) == []
