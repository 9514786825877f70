"""Which key signs, and how long the records of the others stay in DNS."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from delivery.domains.checks import settled
from delivery.domains.dkim import PublicKey
from delivery.domains.inquiries import Check, Condition
from delivery.domains.senders import Installation, senders
from delivery.domains.signing_keys import (
    KeyState,
    is_forgettable,
    is_old,
    leave_until,
    selector,
    signers,
    state,
)
from delivery.signing import keypairs
from delivery.signing.keyring import keyring, new_keys, opened, unopened
from models.records import Algorithm, SendingDomain, SigningKey

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DAY = timedelta(days=1)
D = "example.com"
SECRET, OTHER = b"s" * 32, b"t" * 32


def key(name: str = "a", **values: object) -> SigningKey:
    default = {
        "domain": D, "selector": name, "algorithm": Algorithm.RSA, "public_key": "p",
        "made_at": NOW - DAY,
    }  # fmt: skip
    return SigningKey(**{**default, **values})  # type: ignore[arg-type]


SIGNS = key("signs", signs_since=NOW - DAY)
ENDED = key("ended", signs_since=NOW - 30 * DAY, ended_at=NOW - 6 * DAY)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (key(), KeyState.WAITING),
        (SIGNS, KeyState.SIGNING),
        (ENDED, KeyState.LEAVING),
        (replace(ENDED, ended_at=NOW - 7 * DAY), KeyState.REMOVABLE),
        (key(ended_at=NOW), KeyState.REMOVABLE),
    ],
)
def test_a_key_goes_through_its_states(one: SigningKey, expected: KeyState):
    assert state(one, NOW) is expected


def test_a_record_stays_a_week_after_its_key_signed_last():
    assert leave_until(ENDED) == NOW + DAY
    assert leave_until(key(ended_at=NOW)) == NOW, "nothing was ever signed with it"
    assert not is_forgettable(ENDED, NOW)
    assert is_forgettable(ENDED, NOW + DAY)
    assert not is_forgettable(key(ended_at=NOW), NOW), "its name must not be used again so soon"
    assert not is_forgettable(SIGNS, NOW + 900 * DAY)


def test_a_key_is_old_after_a_year():
    old = replace(SIGNS, made_at=NOW - 366 * DAY)
    assert is_old(old, NOW)
    assert not is_old(replace(old, ended_at=NOW), NOW)
    assert not is_old(replace(old, signs_since=None), NOW)
    assert not is_old(SIGNS, NOW)


def test_selectors_name_their_day_and_never_repeat():
    taken: set[str] = set()
    for expected in ("t20261122a", "t20261122b"):
        assert selector(date(2026, 11, 22), taken) == expected
        taken.add(expected)
    for _ in range(700):
        taken.add(selector(date(2026, 11, 22), taken))
    assert len(taken) == 26 + 26 * 26
    with pytest.raises(ValueError, match="on one day"):
        selector(date(2026, 11, 22), taken)


ED = key("ed", algorithm=Algorithm.ED25519, signs_since=NOW)
NEWER = key("newer", signs_since=NOW, made_at=NOW)
ABOVE = key("above", domain="com.example", signs_since=NOW)


@pytest.mark.parametrize(
    ("keys", "sender", "expected"),
    [
        ([], D, []),
        ([key(), ENDED], D, []),
        ([ED, SIGNS], D, ["signs", "ed"]),
        ([SIGNS, NEWER], D, ["newer"]),
        ([SIGNS], f"news.{D}", ["signs"]),
        ([SIGNS], f"not{D}", []),
        ([replace(SIGNS, domain=f"news.{D}")], D, []),
        ([SIGNS, key("near", domain=f"news.{D}", signs_since=NOW)], f"news.{D}", ["near"]),
        ([SIGNS], "", []),
    ],
)
def test_what_signs_fits_the_from(keys: list[SigningKey], sender: str, expected: list[str]):
    assert [one.selector for one in signers(keys, sender)] == expected


def test_new_keys_are_sealed_and_wait():
    vault = keyring(SECRET, ())
    both = new_keys(D, [], tuple(Algorithm), NOW, vault)
    assert [(one.selector, one.algorithm) for one in both] == [
        ("t20261122a", "rsa"), ("t20261122b", "ed25519"),
    ]  # fmt: skip
    for one in both:
        pem = opened(one, vault).private_key_pem.encode()
        assert keypairs.public_half(pem) == (one.algorithm, one.public_key)
        assert one.sealed is not None
        assert b"PRIVATE" not in one.sealed
        assert "sealed" not in repr(one)
    assert unopened(both, vault) == set()
    assert unopened(both, keyring(OTHER, (SECRET,))) == set()
    assert len(unopened(both, keyring(OTHER, ()))) == 2
    with pytest.raises(ValueError, match="waits for its record already"):
        new_keys(D, both, tuple(Algorithm), NOW, vault)
    (third,) = new_keys(D, both[:1], tuple(Algorithm), NOW, vault)
    assert third.algorithm is Algorithm.ED25519


def test_a_sealed_key_moved_to_another_domain_does_not_open():
    vault = keyring(SECRET, ())
    (made,) = new_keys(D, [], (Algorithm.ED25519,), NOW, vault)
    for moved in (replace(made, domain="other.example"), replace(made, selector="x")):
        with pytest.raises(ValueError, match="another secret key"):
            opened(moved, vault)


@pytest.mark.parametrize("pem", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_an_absurd_key_is_a_value_error(pem: bytes):
    with pytest.raises(ValueError, match=r".+"):
        keypairs.public_half(pem)


OWN = PublicKey(D, "tidings", "rsa", "p")


def checked(installation: Installation, domains: list[str], keys: list[SigningKey]):
    added = [SendingDomain(name, NOW) for name in domains]
    return senders(installation, added, keys, (), NOW)


def test_the_key_of_the_settings_counts_until_one_of_the_database_signs():
    home = Installation(D, f"bounce.{D}", (), OWN)
    (before,) = checked(home, [D], [key("new")])
    assert [(one.selector, one.waits) for one in before.keys] == [("tidings", False), ("new", True)]
    assert before.envelope == f"bounce.{D}"
    (after,) = checked(home, [], [SIGNS, ENDED])
    assert [one.selector for one in after.keys] == ["signs"]


def test_the_domain_of_the_from_is_checked_first_and_retired_ones_are_not():
    home = Installation(D, D)
    added = [SendingDomain("a.example", NOW), SendingDomain("b.example", NOW, retired_at=NOW)]
    assert [one.domain for one in senders(home, added, [], (), NOW)] == [D, "a.example"]
    assert checked(Installation("", ""), [], []) == []


def test_old_sealed_and_missing_keys_are_said_without_asking_anybody():
    old = replace(SIGNS, made_at=NOW - 400 * DAY)
    names = ("signs._domainkey.example.com",)
    (one,) = senders(Installation(D, D), [], [old], names, NOW)
    found = {verdict.check: verdict.condition for verdict in settled(one)}
    assert found == {Check.ROTATION: Condition.ADVICE, Check.SEAL: Condition.WRONG}
    (young,) = senders(Installation(D, D), [], [SIGNS], (), NOW)
    assert [verdict.condition for verdict in settled(young)] == [Condition.GOOD]
    (bare,) = checked(Installation(D, D), [], [])
    (verdict,) = settled(bare)
    assert (verdict.check, verdict.condition) == (Check.DKIM, Condition.ADVICE), "a relay may sign"
