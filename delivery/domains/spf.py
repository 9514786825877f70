"""SPF (RFC 7208): which servers may send in a domain's name."""

from collections.abc import Sequence

from delivery.domains.hosts import Address
from delivery.domains.inquiries import Check, Condition, Inquiry, Story, Verdict
from delivery.domains.spf_walk import MOST, MOST_VOID, Walk, published, result, walk

_NEARLY = 9
Said = tuple[Condition, str, str]


def spf(domain: str, senders: Sequence[Address]) -> Inquiry:
    """Whether the envelope's domain says who may send.

    Args:
        domain: Of the return path.
        senders: Addresses that mail leaves from, as far as they are known.
    """

    def ask() -> Story[Verdict]:
        texts = yield from published(domain)
        if len(texts) != 1:
            return Verdict(Check.SPF, domain, *_not_one(texts, senders))
        found = yield from walk(domain, texts[0])
        said = _broken(found) or _open(found, domain) or _shut(found, domain, senders)
        return Verdict(Check.SPF, domain, *(said or _weak(found, domain, senders)))

    return Inquiry(Check.SPF, domain, ask)


def _not_one(texts: Sequence[str], senders: Sequence[Address]) -> Said:
    if texts:
        advice = "merge them into one: receivers take several for none"
        return Condition.WRONG, f"there are {len(texts)} SPF records", advice
    return Condition.WRONG, "there is no SPF record", f'publish as TXT: "{suggested(senders)}"'


def suggested(senders: Sequence[Address]) -> str:
    """A record to begin with."""
    known = [f"ip{each.version}:{each}" for each in senders] or ["include:SPF.OF.YOUR.RELAY"]
    return " ".join(["v=spf1", *known, "~all"])


def _broken(found: Walk) -> Said | None:
    if found.faults:
        advice = "correct it: receivers take the whole record for broken"
        return Condition.WRONG, found.faults[0], advice
    if found.lookups > MOST:
        finding = f"it takes {found.lookups} or more look-ups, receivers make {MOST}"
        return Condition.WRONG, finding, "write networks as ip4: and ip6: instead of include:"
    if found.voids > MOST_VOID:
        finding = f"{found.voids} of its look-ups find nothing, receivers allow {MOST_VOID}"
        return Condition.WRONG, finding, "take out what does not exist any more"
    return None


def _open(found: Walk, domain: str) -> Said | None:
    everybody = found.records[domain].all
    if everybody is not None and everybody.qualifier == "+":
        return Condition.WRONG, "+all lets everybody send", "end it with ~all or -all"
    return None


def _shut(found: Walk, domain: str, senders: Sequence[Address]) -> Said | None:
    shut = [each for each in senders if result(found, domain, each) not in {"+", ""}]
    if not shut:
        return None
    finding = f"it does not let {', '.join(map(str, shut))} send"
    return Condition.WRONG, finding, f"add {' '.join(f'ip{each.version}:{each}' for each in shut)}"


def _weak(found: Walk, domain: str, senders: Sequence[Address]) -> Said:
    terms = found.records[domain].terms
    ends = terms[-1] if terms else None
    cost = f"{found.lookups} of {MOST} look-ups"
    if ends is None or not (
        ends.name == "redirect" or (ends.name == "all" and ends.qualifier != "?")
    ):
        return Condition.ADVICE, "it says nothing of other senders", "end it with ~all or -all"
    if found.uses_ptr:
        return Condition.ADVICE, "it uses ptr, which is slow and ignored", "name networks instead"
    if found.lookups >= _NEARLY:
        return Condition.ADVICE, f"it takes {cost}", "make room before the next include"
    if not senders:
        return Condition.GOOD, f"one record, {cost}; set TIDINGS_SENDING_IPS to have it tried", ""
    return Condition.GOOD, f"all our addresses may send, {cost}", ""
