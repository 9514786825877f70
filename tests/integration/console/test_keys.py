"""API keys on their page: made, rotated, revoked, and when they were last used."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import keys
from dashboard.changing.keys import Scope
from models.queries.configuring import keys as kept
from tests.integration.console.test_console_pages import texts

Make = Callable[..., UUID]
Open = Callable[..., AppTest]


@pytest.fixture
def engineer(reading: str, person: Make) -> UUID:  # noqa: ARG001 - the database that is read
    return person("engineer")


def found(secret: str) -> kept.ApiKey:
    with data.database().begin() as tx:
        key = tx.run(kept.find_key(secret))
    assert key
    return key


def test_a_rotated_key_goes_on_for_a_while_beside_the_new_one(engineer: UUID):
    old = keys.make(engineer, "shop", "", [Scope.EVENTS_WRITE, Scope.FEED_READ], None)
    new = keys.rotate(engineer, found(old).key_id, timedelta(hours=1))

    now = data.now()
    assert found(old).is_live(now)
    assert not found(old).is_live(now + timedelta(hours=1))
    assert found(new).is_live(now + timedelta(days=400))
    assert (found(new).name, found(new).source) == ("shop", found(old).source)
    assert found(new).scopes == found(old).scopes == {"events:write", "feed:read"}
    entry = data.audit()[0]
    assert (entry.action, entry.subject) == ("rotated an API key", found(old).prefix)
    assert new not in str(entry)


def test_a_key_that_ends_sooner_is_not_kept_longer_by_rotating(engineer: UUID):
    old = keys.make(engineer, "shop", "", [Scope.EVENTS_WRITE], 1)
    new = keys.rotate(engineer, found(old).key_id, timedelta(days=7))

    assert found(old).expires_at == found(new).expires_at
    assert not found(old).is_live(data.now() + timedelta(days=1))


def test_what_opens_nothing_is_neither_rotated_nor_revoked(engineer: UUID):
    key = found(keys.make(engineer, "shop", "", [Scope.EVENTS_WRITE], None)).key_id
    keys.revoke(engineer, key)
    with pytest.raises(actions.RefusedError, match="revoked already"):
        keys.revoke(engineer, key)
    with pytest.raises(actions.RefusedError, match="opens nothing"):
        keys.rotate(engineer, key, timedelta())
    assert len(keys.listed()) == 1


@pytest.mark.parametrize(
    ("name", "scopes", "days", "complaint"),
    [
        (" ", [Scope.EVENTS_WRITE], None, "name"),
        ("shop", [], None, "scope"),
        ("shop", [Scope.EVENTS_WRITE], 0, "after a day"),
    ],
)
def test_a_key_that_will_not_do_is_refused(
    engineer: UUID, name: str, scopes: list[Scope], days: int | None, complaint: str
):
    with pytest.raises(actions.RefusedError, match=complaint):
        keys.make(engineer, name, "", scopes, days)
    assert keys.listed() == []


def test_an_old_key_is_not_kept_for_ever(engineer: UUID):
    key = found(keys.make(engineer, "shop", "", [Scope.EVENTS_WRITE], None)).key_id
    with pytest.raises(actions.RefusedError, match="30 days"):
        keys.rotate(engineer, key, timedelta(days=31))


def test_a_use_is_written_down_once_a_minute(engineer: UUID):
    key, now = found(keys.make(engineer, "shop", "", [Scope.EVENTS_WRITE], None)), data.now()
    assert key.is_used_anew(now)
    with data.database().begin() as tx:
        moments = (0, 59, 60)
        written = [tx.run(kept.used(key.key_id, now + timedelta(seconds=s))) for s in moments]
    assert written == [1, 0, 1]
    (key,) = keys.listed()
    assert not key.is_used_anew(now + timedelta(seconds=119))


def test_the_page_tells_how_each_key_stands(engineer: UUID, open_page: Open):
    keys.make(engineer, "shop", "", [Scope.EVENTS_WRITE], None)
    at = open_page("keys", "engineer")
    said = texts(at)

    assert not at.exception
    assert all(word in said for word in ("shop", "events:write", "never used", "Live"))
