"""What is sealed opens only for who sealed it, as what it is."""

import pytest

from models.vault import SealedError, Vault

NEW, OLD = b"n" * 32, b"o" * 32


def test_opens_what_was_sealed_and_never_seals_alike():
    vault = Vault(NEW, (), "keys")
    sealed = vault.seal(b"secret", "a")
    assert vault.open(sealed, "a") == b"secret"
    assert b"secret" not in sealed
    assert sealed != vault.seal(b"secret", "a")


def test_an_older_key_still_opens():
    sealed = Vault(OLD, (), "keys").seal(b"secret", "a")
    assert Vault(NEW, (OLD,), "keys").open(sealed, "a") == b"secret"


@pytest.mark.parametrize(
    ("vault", "about"),
    [
        (Vault(OLD, (), "keys"), "a"),
        (Vault(NEW, (), "other"), "a"),
        (Vault(NEW, (), "keys"), "b"),
    ],
)
def test_another_key_purpose_or_subject_opens_nothing(vault: Vault, about: str):
    sealed = Vault(NEW, (), "keys").seal(b"secret", "a")
    with pytest.raises(SealedError, match="TIDINGS_OLD_SECRET_KEYS"):
        vault.open(sealed, about)


def test_what_was_altered_does_not_open():
    vault = Vault(NEW, (), "keys")
    sealed = vault.seal(b"secret", "a")
    for at in range(0, len(sealed), 7):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(SealedError):
            vault.open(bytes(altered), "a")
    for nonsense in (b"", b"\x01", b"\x01" + b"x" * 12, b"\x02" + sealed[1:]):
        with pytest.raises(SealedError):
            vault.open(nonsense, "a")
