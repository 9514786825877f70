"""Which messages notice opens and clicks, and what their links become then. Pure."""

from dataclasses import dataclass, replace
from html import escape, unescape
from uuid import UUID

from delivery.engagement.ways import Way, is_counted, sign
from delivery.envelopes import Letterhead
from delivery.messages import Content
from delivery.rendering import anchors
from models.records import Class, Topic

_PIXEL = (
    '<img src="{src}" width="1" height="1" alt="" role="presentation"'
    ' style="display:block;width:1px;height:1px;border:0" />'
)


@dataclass(frozen=True, slots=True)
class Noticed:
    """What is noticed of a message once it is there."""

    opens: bool
    clicks: bool

    def __bool__(self) -> bool:
        return self.opens or self.clicks


def noticed(topic: Topic, channel: str, usual: Noticed) -> Noticed:
    """What is noticed of a topic's messages on a channel: as it says, else as usual.

    Of secret news nothing ever is, of critical news only what the topic itself asks for.
    """
    if topic.sensitive or channel != "email":
        return Noticed(opens=False, clicks=False)
    else_ = Noticed(opens=False, clicks=False) if topic.klass is Class.CRITICAL else usual
    return Noticed(
        opens=else_.opens if topic.track_opens is None else topic.track_opens,
        clicks=else_.clicks if topic.track_clicks is None else topic.track_clicks,
    )


def tracked(content: Content, what: Noticed, head: Letterhead, delivery_id: UUID) -> Content:
    """The content as it goes out: its links lead by us, and its end tells when it is shown.

    Where they lead in the end is not changed, nor is the plain text. Addresses of our own and
    those that are neither http nor https stay as they are.

    Args:
        content: Filled with its links marked; without marks it is left alone.
        what: What is noticed.
        head: Where links lead by, and the keys that sign them.
        delivery_id: The message it becomes.
    """
    if content.marked is None:
        return content
    own = tuple(f"{head.base_url}/{kind}/" for kind in "upv")

    def instead(number: int, href: str) -> str:
        if number == anchors.OPEN:
            return _pixel(head, delivery_id) if what.opens else ""
        if not what.clicks:
            return href
        url = unescape(href).strip()
        if not is_counted(url) or url.startswith(own):
            return href
        return f"{head.tracking_url}/c/{sign(Way(delivery_id, number, url), head.links)}"

    return replace(content, html=anchors.replaced(content.marked, instead), marked=None)


def _pixel(head: Letterhead, delivery_id: UUID) -> str:
    src = f"{head.tracking_url}/o/{sign(Way(delivery_id), head.links)}"
    return _PIXEL.format(src=escape(src))
