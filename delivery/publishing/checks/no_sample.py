"""Templates of which nobody knows what they will be filled with."""

from collections.abc import Iterator

from delivery.publishing.findings import Remark, warning
from delivery.publishing.material import Words


def check(words: Words) -> Iterator[Remark]:
    """Whether no topic uses it, or one says nothing of its data."""
    if not words.is_default or words.problems:
        return
    if not words.proposal.uses:
        yield warning("No topic uses it: it was tried with no data at all.")
    real = {sample.topic for sample in words.proposal.samples}
    for use in words.proposal.uses:
        if use.key not in real and use.schema is None:
            said = f"{use.key} has neither a schema nor events: it was tried with no data."
            yield warning(said)
