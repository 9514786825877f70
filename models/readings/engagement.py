"""What became of links, as people read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkLine:
    """The count of a link of a template version; link 0 are the opens.

    Attributes:
        by: Who: a person, or which kind of program.
        times: Clicks, or opens.
        deliveries: Mails in which there was at least one.
    """

    version: int
    link: int
    by: str
    times: int
    deliveries: int
