"""The whole judgement of a proposal: every check, over every language. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import cast

from delivery.publishing import checks
from delivery.publishing.findings import Finding, Remark
from delivery.publishing.material import PARTS, Words
from delivery.registry import modules

Check = Callable[[Words], Iterable[Remark]]


@cache
def all_checks() -> dict[str, Check]:
    """Every check by its code: the name of its file, with hyphens."""
    found = modules(checks)
    return {name.replace("_", "-"): cast("Check", found[name].check) for name in sorted(found)}


def findings(languages: Sequence[Words]) -> list[Finding]:
    """What there is to say, the worst first, then by language, part and line; nothing twice."""
    found = dict.fromkeys(_found(languages))
    places = {words.locale: place for place, words in enumerate(languages)}
    return sorted(found, key=lambda one: _order(one, places[one.locale]))


def _found(languages: Sequence[Words]) -> Iterator[Finding]:
    for words in languages:
        for code, check in all_checks().items():
            for remark in check(words):
                yield Finding(code, words.locale, remark)


def _order(one: Finding, place: int) -> tuple[bool, int, int, int]:
    remark = one.remark
    return not one.blocks, place, PARTS.index(remark.part), remark.line or 0
