"""Short texts with Jinja outside templates: what a topic or campaign says of its mails."""

from functools import lru_cache

from delivery.rendering.fill import Template, prepare
from models.records import TemplateVersion


@lru_cache(maxsize=1024)
def line(name: str, source: str) -> Template:
    """A text of one line, ready to be filled: it becomes the subject of what it is filled to.

    Args:
        name: What it is called in the document that says it, for whoever reads of a fault.
        source: Jinja.

    Raises:
        RenderingError: It cannot be read.
    """
    return prepare(line_of(name, source))


def line_of(name: str, source: str) -> TemplateVersion:
    """The same before it is read: a template that has only a subject."""
    return TemplateVersion(name, 0, "line", source, "")
