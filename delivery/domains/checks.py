"""Which checks a sending domain is given."""

from dataclasses import dataclass

from delivery.domains.dkim import PublicKey, dkim
from delivery.domains.dmarc import alignment, dmarc
from delivery.domains.hosts import Address
from delivery.domains.inquiries import Check, Condition, Inquiry, Verdict
from delivery.domains.mail_hosts import answers, bounces
from delivery.domains.reverse import reverse
from delivery.domains.spf import spf


@dataclass(frozen=True, slots=True)
class Sender:
    """A domain that mail is sent from, and how.

    Attributes:
        domain: Of the From.
        envelope: Domain of the return path.
        keys: What signs, or is about to; an ended one is none of them.
        addresses: That mail leaves from, as far as they are known.
        old: Selectors of keys that have signed for more than a year.
        sealed: Names of keys that nobody can open, so that they sign nothing.
    """

    domain: str
    envelope: str
    keys: tuple[PublicKey, ...] = ()
    addresses: tuple[Address, ...] = ()
    old: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()


def inquiries(sender: Sender) -> list[Inquiry]:
    """All that DNS is asked about a domain."""
    signs = [key.domain for key in sender.keys if not key.waits]
    asked = [
        spf(sender.envelope, sender.addresses),
        *(dkim(key) for key in sender.keys),
        dmarc(sender.domain),
        alignment(sender.domain, sender.envelope, signs),
        bounces(sender.envelope),
    ]
    if sender.envelope != sender.domain:
        asked.append(answers(sender.domain))
    return [*asked, *(reverse(address) for address in sender.addresses)]


def settled(sender: Sender) -> list[Verdict]:
    """What is known of a domain without asking anybody."""
    found = []
    if not sender.keys:
        finding = "nothing is signed here; fine if the relay signs in this name"
        advice = f"else make a key: tidings domains add {sender.domain}"
        found.append(Verdict(Check.DKIM, sender.domain, Condition.ADVICE, finding, advice))
    for name in sender.sealed:
        finding = "it cannot be opened with TIDINGS_SECRET_KEY: it signs nothing"
        advice = "put the key before it into TIDINGS_OLD_SECRET_KEYS, or rotate"
        found.append(Verdict(Check.SEAL, name, Condition.WRONG, finding, advice))
    if any(not key.waits for key in sender.keys):
        found.append(_age(sender))
    return found


def _age(sender: Sender) -> Verdict:
    if not sender.old:
        finding = "no key has signed for more than a year"
        return Verdict(Check.ROTATION, sender.domain, Condition.GOOD, finding)
    finding = f"{', '.join(sender.old)} has signed for more than a year"
    advice = f"rotate: tidings domains rotate {sender.domain}"
    return Verdict(Check.ROTATION, sender.domain, Condition.ADVICE, finding, advice)
