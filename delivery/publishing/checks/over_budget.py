"""Templates that take longer to fill than a worker has time for."""

from collections.abc import Iterator
from dataclasses import replace

from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words


def check(words: Words) -> Iterator[Remark]:
    """The first case that was broken off."""
    for filled in words.filled:
        if filled.is_unfinished:
            said = f"Filling it takes over 50 ms of CPU ({filled.case.name}): loop over less."
            yield replace(error(said), case=filled.case.name)
            return
