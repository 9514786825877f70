"""Carries a domain's questions to DNS, all checks at once, and never for long."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from delivery.domains.checks import Sender, inquiries, settled
from delivery.domains.inquiries import (
    Answer,
    Check,
    Inquiry,
    Question,
    UnansweredError,
    Verdict,
)

WITHIN = 5.0
"""Seconds that all checks of a domain take at most."""

Ask = Callable[[Question], Awaitable[Answer]]


class _Once:
    """Asks each question once, however many checks want to know."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asked: dict[Question, asyncio.Future[Answer]] = {}

    async def __call__(self, question: Question) -> Answer:
        if question not in self._asked:
            self._asked[question] = asyncio.ensure_future(self._ask(question))
        return await asyncio.shield(self._asked[question])

    async def forget(self) -> None:
        """Ask nothing more."""
        for asked in self._asked.values():
            asked.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)


async def survey(sender: Sender, ask: Ask, within: float = WITHIN) -> AsyncIterator[Verdict]:
    """The verdicts on a domain, each as soon as it is known."""
    for verdict in settled(sender):
        yield verdict
    once = _Once(ask)
    asked = [asyncio.ensure_future(_follow(each, once, within)) for each in inquiries(sender)]
    try:
        for known in asyncio.as_completed(asked):
            yield await known
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
        await once.forget()


async def surveyed(sender: Sender, ask: Ask, within: float = WITHIN) -> list[Verdict]:
    """All verdicts on a domain, in the order in which people read them."""
    found = [verdict async for verdict in survey(sender, ask, within)]
    return in_order(found)


def in_order(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """By check, then by subject."""
    checks = list(Check)
    return sorted(verdicts, key=lambda each: (checks.index(each.check), each.subject))


async def _follow(inquiry: Inquiry, ask: Ask, within: float) -> Verdict:
    """Carry one story's questions; what nobody answers makes its verdict unknown."""
    story = inquiry.ask()
    try:
        async with asyncio.timeout(within):
            question = next(story)
            while True:
                question = story.send(await ask(question))
    except StopIteration as end:
        verdict: Verdict = end.value
        return verdict
    except UnansweredError as error:
        return inquiry.unknown(str(error))
    except TimeoutError:
        return inquiry.unknown(f"no answer within {within:.0f} s")
