"""DKIM records (RFC 6376, section 3.6.1; RFC 8463): whether the world can verify what we sign."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from delivery.domains.inquiries import Check, Condition, Inquiry, Question, Record, Story, Verdict
from delivery.domains.tags import read_tags

_STRING = 255
"""Octets that one string of a TXT record holds (RFC 1035, section 3.3.14)."""
_TTL = 3600


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The public half of a key of ours, as its record says it.

    Attributes:
        algorithm: `rsa` or `ed25519`.
        value: The `p=`, base64.
        waits: It signs nothing before its record was seen.
    """

    domain: str
    selector: str
    algorithm: str
    value: str
    waits: bool = False

    @property
    def name(self) -> str:
        """Where its record is."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def text(self) -> str:
        """What its record says."""
        return f"v=DKIM1; k={self.algorithm}; p={self.value}"


def zone_line(key: PublicKey) -> str:
    """A record as a zone file has it, in strings of at most 255 octets."""
    text = key.text
    strings = [text[at : at + _STRING] for at in range(0, len(text), _STRING)]
    quoted = "\n    ".join(f'"{string}"' for string in strings)
    return f"{key.name}. {_TTL} IN TXT (\n    {quoted}\n)"


def dkim(key: PublicKey) -> Inquiry:
    """Whether the record of a key is there and is this key's."""

    def ask() -> Story[Verdict]:
        answer = yield Question(key.name, Record.TXT)
        condition, finding, advice = _judged(key, answer.values)
        return Verdict(Check.DKIM, key.name, condition, finding, advice)

    return Inquiry(Check.DKIM, key.name, ask)


Said = tuple[Condition, str, str]


def _judged(key: PublicKey, texts: tuple[str, ...]) -> Said:
    if not texts:
        publish = f"publish it: tidings domains keys {key.domain}"
        if key.waits:
            return Condition.ADVICE, "a new key waits for its record", publish
        return Condition.WRONG, "there is no record, so nobody can verify what it signs", publish
    if len(texts) > 1:
        return Condition.WRONG, f"there are {len(texts)} records", "leave only the right one"
    try:
        tags = read_tags(texts[0])
    except ValueError as error:
        return (
            Condition.WRONG,
            f"the record cannot be read: {error}",
            f"replace it: tidings domains keys {key.domain}",
        )
    fault = next(_faults(key, tags), None)
    return _test(tags) if fault is None else (Condition.WRONG, *fault)


def _faults(key: PublicKey, tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Why receivers cannot verify with this record, and what to do."""
    replace = f"replace it: tidings domains keys {key.domain}"
    found = tags.get("p", "")
    if "v" in tags and (tags["v"] != "DKIM1" or next(iter(tags)) != "v"):
        yield "v= is not DKIM1, or not first", replace
    if "p" in tags and not found:
        yield "the key is revoked: p= is empty", f"run: tidings domains rotate {key.domain}"
    if tags.get("k", "rsa") != key.algorithm:
        yield f"k= is not {key.algorithm}", replace
    if not _same(found, key.value):
        yield "p= is not our public key", replace
    if "h" in tags and "sha256" not in _listed(tags["h"]):
        yield "h= does not allow sha256", "take h= out"
    if "s" in tags and not {"*", "email"} & set(_listed(tags["s"])):
        yield "s= does not allow email", "take s= out"


def _test(tags: Mapping[str, str]) -> Said:
    if "y" in _listed(tags.get("t", "")):
        finding = "t=y says that it is being tested: receivers may take it for unsigned"
        return Condition.ADVICE, finding, "take t=y out"
    return Condition.GOOD, "the record is there and is ours", ""


def _same(found: str, ours: str) -> bool:
    try:
        return b64decode("".join(found.split()), validate=True) == b64decode(ours)
    except (NotBase64, ValueError):
        return False


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(":")]
