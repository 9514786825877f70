"""What a check says: how bad it is, where it is, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding stands in the way of."""

    ERROR = "error"
    """It cannot be published like that."""
    WARNING = "warning"
    """Whoever publishes it says that they know."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What one check has to say of one place.

    Attributes:
        said: What is wrong and what to do, as one sentence.
        part: `source`, `subject`, `preheader`, `text` or `url`.
        line: Counts from 1; `None` where it is no single one.
        case: With whom it was filled, where it does not go wrong for everybody.
    """

    severity: Severity
    said: str
    part: str = "source"
    line: int | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A remark, the check that made it, and the language of the words it is about.

    Attributes:
        template: Whose words it is about, where it is not what is being published.
    """

    code: str
    locale: str
    remark: Remark
    template: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether nothing can be published before it is mended."""
        return self.remark.severity is Severity.ERROR

    @property
    def mark(self) -> str:
        """What stands for it when somebody says that they know: not its line, which moves."""
        where = "" if self.template is None else f"{self.template} · "
        return f"{where}{self.code} · {self.locale} · {self.remark.part} · {self.remark.said}"


def error(said: str, part: str = "source", line: int | None = None) -> Remark:
    """What must be mended."""
    return Remark(Severity.ERROR, said, part, line)


def warning(said: str, part: str = "source", line: int | None = None) -> Remark:
    """What somebody should know."""
    return Remark(Severity.WARNING, said, part, line)
