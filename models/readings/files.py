"""Files that mails may carry, as they are listed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file without its octets.

    Attributes:
        name: As readers of mails see it.
        size: Octets it has.
        added_by: Who put it there: an address, `cli:…` or `key …`.
        expires_at: When it is forgotten; `None`: when somebody removes it.
    """

    key: str
    name: str
    size: int
    added_at: datetime
    added_by: str
    expires_at: datetime | None
