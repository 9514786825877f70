"""What cannot be compiled: MJML or Jinja that is wrong, by line."""

from collections.abc import Iterator

from delivery.publishing.findings import Remark, error
from delivery.publishing.material import Words
from delivery.publishing.parts import parted


def check(words: Words) -> Iterator[Remark]:
    """Everything the compiler says."""
    for problem in words.problems:
        part, said = parted(problem.message)
        yield error(f"{said}.", part, problem.line)
