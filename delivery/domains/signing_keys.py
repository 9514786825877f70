"""The life of a DKIM key: which one signs, and how long its record stays in DNS. Pure.

A new key waits until its record was seen: a signature that nobody can verify is worse than the one
of the key before it. That one's record stays for a week, because mail is on its way that long.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from string import ascii_lowercase

from delivery.domains.names import within
from models.reasons import Explained
from models.records import Algorithm, SigningKey

LEFT_IN_DNS = timedelta(days=7)
"""How long receivers may still want to verify what a key signed: retries last so long."""
GROWS_OLD = timedelta(days=365)


class KeyState(Explained):
    """What a key does, and what is to be done about its record."""

    WAITING = "waiting", "Waits for its record in DNS: publish it."
    SIGNING = "signing", "Signs."
    LEAVING = "leaving", "Signs no more; leave its record in DNS for mail that is on its way."
    REMOVABLE = "removable", "Signs no more: remove its record from DNS."


def state(key: SigningKey, now: datetime) -> KeyState:
    """What a key does."""
    if key.ended_at is None:
        return KeyState.WAITING if key.signs_since is None else KeyState.SIGNING
    return KeyState.LEAVING if now < leave_until(key) else KeyState.REMOVABLE


def leave_until(key: SigningKey) -> datetime:
    """Until when the record of an ended key stays; one that never signed need not."""
    ended = key.ended_at or key.made_at
    return ended if key.signs_since is None else ended + LEFT_IN_DNS


def is_old(key: SigningKey, now: datetime) -> bool:
    """Whether a key has signed for more than a year."""
    return key.ended_at is None and key.signs_since is not None and now - key.made_at > GROWS_OLD


def is_forgettable(key: SigningKey, now: datetime) -> bool:
    """Whether nothing is to be done about a key once its record is gone.

    One that never signed is remembered for a while too, so that its name is not used again.
    """
    return key.ended_at is not None and now >= key.ended_at + LEFT_IN_DNS


def waiting(keys: Iterable[SigningKey]) -> list[SigningKey]:
    """Keys whose record was not seen yet."""
    return [key for key in keys if key.signs_since is None and key.ended_at is None]


def signing(keys: Iterable[SigningKey]) -> list[SigningKey]:
    """Keys that sign."""
    return [key for key in keys if key.signs_since is not None and key.ended_at is None]


def missing(keys: Sequence[SigningKey], wanted: Collection[Algorithm]) -> list[Algorithm]:
    """The algorithms for which a new key may be made: those of which none waits."""
    there = {key.algorithm for key in waiting(keys)}
    return [algorithm for algorithm in Algorithm if algorithm in wanted and algorithm not in there]


def selector(day: date, taken: Collection[str]) -> str:
    """A selector that names its day: `t20261122a`, then `b`, …, `z`, `aa`."""
    stem = f"t{day:%Y%m%d}"
    for first in ("", *ascii_lowercase):
        for last in ascii_lowercase:
            if (name := f"{stem}{first}{last}") not in taken:
                return name
    raise ValueError(f"{len(taken)} keys were made on one day: retire some, or wait for tomorrow")


def signers(keys: Iterable[SigningKey], sender: str) -> list[SigningKey]:
    """The keys that sign mail from a domain: RSA first, one for each algorithm.

    DMARC wants them aligned: they are of the domain itself, or of the closest one above it.
    """
    fit = [key for key in signing(keys) if within(sender, key.domain)]
    closest = max((key.domain for key in fit), key=len, default="")
    newest = {
        key.algorithm: key
        for key in sorted(fit, key=lambda key: (key.made_at, key.selector))
        if key.domain == closest
    }
    return [newest[algorithm] for algorithm in Algorithm if algorithm in newest]
