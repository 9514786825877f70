"""What people are told of asks and decisions."""

from delivery.notices import Notice
from models.records import Class

ASKED = Notice(
    "tidings.approval.asked",
    "Somebody asks for approval",
    Class.TRANSACTIONAL,
    "{{ data.who }} asks for approval: {{ data.what }}",
    """
        <mj-text font-size="20px" font-weight="700">{{ data.what }}</mj-text>
        <mj-text><strong>{{ data.who }}</strong> asks you to look at it: {{ data.note }}</mj-text>
        <mj-text>Nothing changes until {% if data.needed > 1 %}{{ data.needed }} people{% else
        %}somebody{% endif %} approved it. See what would change, approve it or return it on the
        page Approvals of the console.</mj-text>
""",
)
DECIDED = Notice(
    "tidings.approval.decided",
    "What you asked for was decided",
    Class.TRANSACTIONAL,
    "{{ data.outcome | capitalize }}: {{ data.what }}",
    """
        <mj-text font-size="20px" font-weight="700">{{ data.what }}</mj-text>
        <mj-text>{{ data.outcome | capitalize }} by <strong>{{ data.who }}</strong>{% if data.words
        %}: {{ data.words }}{% endif %}</mj-text>
        <mj-text>{% if data.outcome == "approved" %}Let it take effect on the page Approvals of the
        console, before the approval expires.{% else %}Change it and ask again.{% endif %}</mj-text>
""",
)
