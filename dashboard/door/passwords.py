"""Passwords: what will do as one, and their Argon2id hashes (RFC 9106).

As NIST SP 800-63B-4 (section 3.1.1.2) asks: long, and none that everybody tries first; no rules
about digits and signs, no expiry. The parameters are those argon2-cffi recommends; a hash made
under older ones is made anew when its password is next given.
"""

import re
from functools import cache
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 15
"""Characters; what SP 800-63B-4 asks of passwords that are not helped by a second factor."""
LONGEST = 256
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiopasdfghjklzxcvbnm")
_GUESSED = (
    "password", "passwort", "letmein", "welcome", "admin", "iloveyou", "monkey", "dragon",
    "changeme", "secret", "login", "tidings", "correcthorsebatterystaple",
)  # fmt: skip
_OF_ITS_OWN = 8
"""Characters that are left when what everybody guesses is taken out."""
_HASHER = PasswordHasher()


def fault_in(password: str, *known: str) -> str | None:
    """Why a password will not do, as a sentence; `None` when it will.

    Args:
        password: As given.
        known: What an attacker knows of the person: their name and address.
    """
    text = _normal(password)
    if len(text) < SHORTEST:
        return f"Take at least {SHORTEST} characters: a few words that are not a saying will do."
    if len(text) > LONGEST:
        return f"Take at most {LONGEST} characters."
    if len(_rest(text.casefold(), known)) < _OF_ITS_OWN:
        return "This is one of the first that others would try: take words nobody expects."
    return None


def _rest(text: str, known: tuple[str, ...]) -> str:
    """What is left without repetition, runs of the keyboard and words that are guessed first."""
    words = (word for each in known for word in re.split(r"\W+", each.casefold()))
    for word in sorted({*_GUESSED, *filter(lambda each: len(each) > 2, words)}, key=len)[::-1]:  # noqa: PLR2004
        text = text.replace(word, "")
    for run in _RUNS:
        for way in (run, run[::-1]):
            text = _without_runs(text, way)
    return re.sub(r"(.{1,8}?)\1+", r"\1", text)


def _without_runs(text: str, run: str) -> str:
    kept = ""
    while text:
        length = next((n for n in range(len(text), 2, -1) if text[:n] in run), 0)
        kept, text = (kept, text[length:]) if length else (kept + text[0], text[1:])
    return kept


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(_normal(password))


def fits(hash_: str | None, password: str) -> bool:
    """Whether a password is the one; takes as long where there is none to compare with."""
    try:
        _HASHER.verify(hash_ or _nobodys(), _normal(password)[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return hash_ is not None


def is_dated(hash_: str) -> bool:
    """Whether a hash was made under other parameters than today's."""
    return _HASHER.check_needs_rehash(hash_)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's")


def _normal(password: str) -> str:
    """One text for what different keyboards send (Unicode NFC)."""
    return normalize("NFC", password)
