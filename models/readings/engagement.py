"""What became of links, as people read it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class EngagementLine:
    """How many mails of a topic were opened or clicked in, or how often that was.

    Attributes:
        state: `opened`, `opens`, `clicked` or `clicks`.
        by: Who: a person, or which kind of program.
    """

    state: str
    by: str
    number: int


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


@dataclass(frozen=True, slots=True)
class ConversionLine:
    """What somebody did after a delivery, and why it counts for that one."""

    name: str
    value: Decimal | None
    currency: str | None
    occurred_at: datetime
    basis: str
