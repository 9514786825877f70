"""Templates as values: what is said, in which language, of which pieces, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

UNDETERMINED = "und"
"""The locale of words of which nobody said what language they are in (BCP 47, section 4.1)."""


class TemplateKind(StrEnum):
    """What one writes in the store of templates."""

    TEMPLATE = "template"
    """Becomes messages."""
    PARTIAL = "partial"
    """A piece that others include: a footer, a button."""
    LAYOUT = "layout"
    """A whole mail with blocks that others fill."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an author writes of a template in one locale.

    Attributes:
        subject: Jinja; subject of a mail, title of an in-app item. Of a partial: nothing.
        source: MJML with Jinja for e-mail, Jinja text for everything else.
        preheader: Jinja; what inboxes show after the subject.
        text: Jinja; the plain text part, `None` to derive it.
        url: Jinja; where an in-app item leads.
    """

    subject: str
    source: str
    preheader: str | None = None
    text: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Partial:
    """A partial or layout as one version says it in one locale. Never changes."""

    key: str
    version: int
    locale: str
    source: str


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One saved version of a template in one locale. Never changes.

    Attributes:
        template: Key of the template.
        version: Counts from 1.
        channel: The channel it is written for.
        subject: As in `Words`, and so the next ones.
        compiled: HTML with the Jinja left in it, made once when the version was saved.
        locale: The language of these words, a BCP 47 tag; `und` where nobody said.
        partials: What its source and text include, directly or not, as it was when it was saved.
    """

    template: str
    version: int
    channel: str
    subject: str
    source: str
    preheader: str | None = None
    text: str | None = None
    url: str | None = None
    compiled: str | None = None
    locale: str = UNDETERMINED
    partials: tuple[Partial, ...] = ()

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "TemplateVersion":
        """What `dataclasses.asdict` wrote, also after it was JSON."""
        partials = tuple(Partial(**each) for each in document["partials"])
        return cls(**{**document, "partials": partials})

    @property
    def store(self) -> dict[str, str]:
        """Key to source of what it includes."""
        return {partial.key: partial.source for partial in self.partials}

    @property
    def words(self) -> Words:
        """What its author wrote."""
        return Words(self.subject, self.source, self.preheader, self.text, self.url)


@dataclass(frozen=True, slots=True)
class Live:
    """The version of a template that is sent now.

    Attributes:
        locale: The one that serves whoever has none of the others.
        locales: All there are of it.
    """

    version: int
    locale: str
    locales: frozenset[str]


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """What somebody writes and has not published yet, in one locale.

    Attributes:
        revision: Counts its saves from 1.
        base_version: The version it was begun from; `None`: from nothing.
    """

    template: str
    locale: str
    words: Words
    revision: int
    base_version: int | None
    updated_at: datetime
    updated_by: str


@dataclass(frozen=True, slots=True)
class TemplateHead:
    """A template itself, without its words.

    Attributes:
        locale: The default of its next version.
        live_version: `None` before anything was published.
        archived: Nothing uses it, and nothing may before it is brought back.
    """

    template: str
    title: str
    channel: str
    kind: TemplateKind = TemplateKind.TEMPLATE
    locale: str = UNDETERMINED
    live_version: int | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to be kept.

    Attributes:
        head: The template, as it shall be.
        texts: What it says, one a locale, the head's locale among them; all of one number.
    """

    head: TemplateHead
    texts: tuple[TemplateVersion, ...]
    by: str
    at: datetime

    @property
    def version(self) -> int:
        """Its number."""
        return self.texts[0].version


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody made up, and what they are told, to look at templates with.

    Attributes:
        template: Whose it is; empty: it is offered for every template.
        recipient: As templates see them.
        data: Of the event.
    """

    template: str
    title: str
    recipient: Mapping[str, Any]
    data: Any


@dataclass(frozen=True, slots=True)
class Wording:
    """What one version says in one locale, as a mark that differs where the words do."""

    template: str
    locale: str
    version: int
    mark: str
