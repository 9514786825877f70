"""The words of MJML: which element may stand where, and which attributes there are."""

from functools import cache

from mjml.core.registry import components, register_core_components

_CONTENT = frozenset(
    {
        "mj-accordion", "mj-button", "mj-carousel", "mj-divider", "mj-image", "mj-navbar",
        "mj-raw", "mj-social", "mj-spacer", "mj-table", "mj-text",
    }
)  # fmt: skip

CHILDREN: dict[str, frozenset[str]] = {
    "mjml": frozenset({"mj-head", "mj-body"}),
    "mj-head": frozenset(
        {
            "mj-attributes", "mj-breakpoint", "mj-font", "mj-html-attributes", "mj-preview",
            "mj-raw", "mj-style", "mj-title",
        }
    ),
    "mj-html-attributes": frozenset({"mj-selector"}),
    "mj-selector": frozenset({"mj-html-attribute"}),
    "mj-body": frozenset({"mj-hero", "mj-raw", "mj-section", "mj-wrapper"}),
    "mj-wrapper": frozenset({"mj-hero", "mj-raw", "mj-section"}),
    "mj-section": frozenset({"mj-column", "mj-group", "mj-raw"}),
    "mj-group": frozenset({"mj-column", "mj-raw"}),
    "mj-column": _CONTENT,
    "mj-hero": _CONTENT,
    "mj-accordion": frozenset({"mj-accordion-element", "mj-raw"}),
    "mj-accordion-element": frozenset({"mj-accordion-text", "mj-accordion-title", "mj-raw"}),
    "mj-carousel": frozenset({"mj-carousel-image"}),
    "mj-navbar": frozenset({"mj-navbar-link", "mj-raw"}),
    "mj-social": frozenset({"mj-raw", "mj-social-element"}),
}  # fmt: skip
"""What may stand directly inside an element. `mj-attributes` takes everything."""

HTML_INSIDE = frozenset(
    {
        "mj-accordion-text", "mj-accordion-title", "mj-button", "mj-html-attribute",
        "mj-navbar-link", "mj-preview", "mj-raw", "mj-social-element", "mj-style", "mj-table",
        "mj-text", "mj-title",
    }
)  # fmt: skip
"""Elements whose content is text or HTML, not MJML."""

STATEMENTS_INSIDE = frozenset(
    {
        "mj-accordion", "mj-accordion-element", "mj-body", "mj-column", "mj-group", "mj-hero",
        "mj-navbar", "mj-section", "mj-social", "mj-wrapper",
    }
)  # fmt: skip
"""Elements between whose children a Jinja statement keeps its place."""

CALCULATED = frozenset(
    {
        "background-height", "background-width", "border", "border-left", "border-right",
        "height", "icon-size", "icon-width", "inner-border", "inner-padding", "padding",
        "padding-left", "padding-right", "tb-width", "width",
    }
)  # fmt: skip
"""Attributes the compiler calculates with: their value must be known before filling."""

_MORE_ATTRIBUTES = frozenset(
    {
        "css-class", "dir", "gap", "href", "id", "inline", "lang", "mj-class", "name", "owa",
        "path", "position", "type", "version", "width", "xmlns",
    }
)  # fmt: skip
"""Attributes of the language that the compiler's own tables leave out."""


@cache
def elements() -> frozenset[str]:
    """The names of all elements."""
    register_core_components()
    return frozenset(components) | CHILDREN.keys() | HTML_INSIDE | {"mj-all", "mj-class"}


@cache
def attributes() -> frozenset[str]:
    """The names of all attributes, of whatever element.

    Only a name that no element knows is a mistake for sure: many templates, MJML's own among
    them, say `vertical-align` where it has no effect.
    """
    register_core_components()
    known = set(_MORE_ATTRIBUTES)
    for name in components:
        known |= _own_attributes(name)
    return frozenset(known)


def may_contain(parent: str, child: str) -> bool:
    """Whether an element may stand directly inside another."""
    if parent == "mj-attributes":
        return child not in {"mjml", "mj-head", "mj-attributes"}
    return child in CHILDREN.get(parent, frozenset())


@cache
def grammar() -> dict[str, dict[str, list[str]]]:
    """Element to the elements and attributes it may have, in alphabetical order, to offer them.

    Narrower than `attributes`, which is for calling something a mistake.
    """
    register_core_components()
    return {
        name: {
            "children": sorted(CHILDREN.get(name, ())),
            "attributes": sorted({"css-class", "mj-class", *_own_attributes(name)}),
        }
        for name in sorted(elements())
    }


def _own_attributes(name: str) -> set[str]:
    component = components.get(name)
    if component is None:
        return set()
    return set(component.allowed_attrs()) | set(component.default_attrs())
