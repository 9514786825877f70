"""Words to publish, filled at once, and what the checks say of them."""

import json
from typing import Any

from delivery.publishing.filling import words
from delivery.publishing.findings import Finding, Severity
from delivery.publishing.judging import findings
from delivery.publishing.material import Proposal, Use, Words
from delivery.rendering.fill import fill
from models.records import Class, TemplateVersion

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "page": {"type": "string"},
            "note": {"type": ["string", "null"]},
            "rows": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["page", "rows"],
        "examples": [{"page": "Great Wave", "note": "new", "rows": [{"name": "One"}]}],
    }
)


def use(**changes: Any) -> Use:
    return Use(**({"key": "page.edited", "title": "Edited", "category": "pages",
                   "klass": Class.TRANSACTIONAL, "schema": SCHEMA} | changes))  # fmt: skip


def mail(inside: str = "", head: str = "", **changes: Any) -> TemplateVersion:
    """An e-mail with one column; `inside` is its MJML."""
    source = (
        f"<mjml><mj-head>{head}</mj-head><mj-body>\n<mj-section><mj-column>\n"
        f"{inside or '<mj-text>{{ data.page }}</mj-text>'}\n"
        "</mj-column></mj-section></mj-body></mjml>"
    )
    fields = {"subject": "{{ data.page }} was edited", "preheader": "Look", "source": source}
    return TemplateVersion(
        **({"template": "t", "version": 1, "channel": "email"} | fields | changes)
    )


def item(**changes: Any) -> TemplateVersion:
    """An item of the feed."""
    fields = {"subject": "{{ data.page }}", "source": "It was edited."}
    return TemplateVersion(
        **({"template": "t", "version": 1, "channel": "in_app"} | fields | changes)
    )


def filled(version: TemplateVersion, *uses: Use, **changes: Any) -> list[Words]:
    proposal = Proposal({"en": version}, "en", uses or (use(),), **changes)
    return words(proposal, fill)


def found(version: TemplateVersion, *uses: Use, **changes: Any) -> list[Finding]:
    return findings(filled(version, *uses, **changes))


def codes(version: TemplateVersion, *uses: Use, **changes: Any) -> dict[str, Severity]:
    """The checks that have something to say, and how bad it is."""
    said = found(version, *uses, **changes)
    return {one.code: one.remark.severity for one in reversed(said)}
