"""Reverse DNS: whether our addresses have names that lead back to them (RFC 1912, section 2.1)."""

from delivery.domains.hosts import Address, addresses_of
from delivery.domains.inquiries import Check, Condition, Inquiry, Question, Record, Story, Verdict

_MOST_NAMES = 5


def reverse(sender: Address) -> Inquiry:
    """Whether an address that mail leaves from has a name, and that name this address."""
    subject = str(sender)

    def ask() -> Story[Verdict]:
        answer = yield Question(sender.reverse_pointer, Record.PTR)
        if not answer.values:
            advice = "have whoever owns the address set a PTR record"
            return Verdict(Check.PTR, subject, Condition.WRONG, "it has no name", advice)
        for name in answer.values[:_MOST_NAMES]:
            if sender in (yield from addresses_of(name)):
                return Verdict(Check.PTR, subject, Condition.GOOD, f"it is {name}, and back")
        finding = f"it is called {answer.values[0]}, which does not lead back to it"
        return Verdict(
            Check.PTR, subject, Condition.WRONG, finding, "give that name this address in DNS"
        )

    return Inquiry(Check.PTR, subject, ask)
