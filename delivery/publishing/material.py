"""What the checks look at: a template's words in each language, and whom they were filled for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from delivery.errors import Problem
from delivery.messages import Content
from delivery.rendering.tokens import one_newline
from models.records import Class, Json, TemplateVersion, Topic

PARTS = ("source", "subject", "preheader", "text", "url")
"""The pieces of a version that people write, in the order they are asked for."""


@dataclass(frozen=True, slots=True)
class Use:
    """One topic that says something with the template.

    Attributes:
        mandatory: Nobody can turn it off, so there is no link to do so.
        collects: Its news may come together, as a digest.
        schema: JSON Schema of its data, as JSON text.
    """

    key: str
    title: str
    category: str
    klass: Class
    mandatory: bool = False
    collects: bool = False
    sensitive: bool = False
    schema: str | None = None

    @classmethod
    def of(cls, topic: Topic, template: str) -> "Use":
        """What a topic does with a template."""
        steps = [step.key for step in topic.steps if step.template == template]
        collects = any(topic.digest_of(step) for step in steps)
        fields = (topic.key, topic.title, topic.category, topic.klass, topic.mandatory)
        return cls(*fields, collects, topic.sensitive, topic.schema)


UNUSED = Use("example", "Example", "example", Class.TRANSACTIONAL)
"""What stands for a topic while none uses the template."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Something that happened: the data of an event, and one it was for.

    Attributes:
        recipient: As templates see them; `None` where nobody is known to us.
        event: Its actor and moment, as templates see them.
    """

    topic: str
    data: object
    recipient: Json | None = None
    event: Json | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Words that somebody would like to publish, with what is known of their use.

    Attributes:
        texts: By locale; not compiled yet.
        default: The locale of those whose own there is not.
        wanted: Locales of recipients.
        hosts: Names of our own servers, to which links lead that we make ourselves.
    """

    texts: Mapping[str, TemplateVersion]
    default: str
    uses: tuple[Use, ...] = ()
    samples: tuple[Sample, ...] = ()
    wanted: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


class Kind(StrEnum):
    """Where the data of a case comes from."""

    REAL = "real"
    EXAMPLE = "example"
    EDGE = "edge"


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody and something to fill a template with, as it is called to people."""

    name: str
    kind: Kind
    use: Use
    context: Json


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of a case: content, or problems, or neither because it took too long."""

    case: Case
    content: Content | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def is_unfinished(self) -> bool:
        """Whether it was broken off."""
        return self.content is None and not self.problems


@dataclass(frozen=True)
class Words:
    """A template in one language, compiled, and filled for each case.

    Attributes:
        version: Compiled; as it was where it cannot be.
        problems: Why it cannot be compiled.
    """

    locale: str
    version: TemplateVersion
    proposal: Proposal
    filled: tuple[Filled, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_mail(self) -> bool:
        """Whether it has HTML."""
        return self.version.channel == "email"

    @property
    def is_default(self) -> bool:
        """Whether it is for everybody whose own language there is not."""
        return self.locale == self.proposal.default

    @cached_property
    def sources(self) -> dict[str, str]:
        """What was written, by part; empty parts are left out."""
        written = {part: getattr(self.version, part) or "" for part in PARTS}
        return {part: one_newline(text) for part, text in written.items() if text.strip()}

    @cached_property
    def told(self) -> list[tuple[Case, Content]]:
        """What could be filled."""
        return [(one.case, one.content) for one in self.filled if one.content is not None]

    @property
    def usual(self) -> list[tuple[Case, Content]]:
        """What could be filled with data that is not at the edge."""
        return [one for one in self.told if one[0].kind is not Kind.EDGE]

    def line(self, part: str, text: str) -> int | None:
        """Where a piece of text begins in a part, if it stands there as it is."""
        source = self.sources.get(part, "")
        at = source.find(text)
        return None if at < 0 or not text else source.count("\n", 0, at) + 1
