"""A zone for stories that ask DNS: what is in it is answered, the rest does not exist."""

from collections.abc import Mapping

from delivery.domains.inquiries import Answer, Inquiry, Question, Record, UnansweredError, Verdict

Zone = Mapping[tuple[str, str], object]
"""By name and kind of record: values, or an exception; a name is there if any record is."""


def answer(zone: Zone, question: Question) -> Answer:
    found = zone.get((question.name, str(question.record)))
    if isinstance(found, Exception):
        raise found
    if found is None:
        return Answer(exists=any(name == question.name for name, _ in zone))
    return Answer(tuple(found) if isinstance(found, list) else (str(found),))


def asked(inquiry: Inquiry, zone: Zone) -> Verdict:
    """The verdict of a check in a zone, and how it was come to."""
    story = inquiry.ask()
    try:
        question = next(story)
        while True:
            question = story.send(answer(zone, question))
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict
    except UnansweredError as error:
        return inquiry.unknown(str(error))


def txt(name: str, *values: str) -> dict[tuple[str, str], object]:
    return {(name, str(Record.TXT)): list(values)}


def host(name: str, *addresses: str) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for kind, sign in ((Record.A, "."), (Record.AAAA, ":")):
        of_kind = [each for each in addresses if sign in each]
        if of_kind:
            found[name, str(kind)] = of_kind
    return found


def mx(name: str, *hosts: str) -> dict[tuple[str, str], object]:
    return {(name, str(Record.MX)): list(hosts)}
