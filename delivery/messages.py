"""What travels from the template to the wire: content, envelope, message, receipt."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from delivery.errors import Reply

_SURROGATES = re.compile(r"[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text; a lone surrogate, which nobody can read, becomes U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def utf8(text: str) -> bytes:
    """The text in UTF-8, `readable` where that is needed."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return readable(text).encode()


@dataclass(frozen=True)
class Content:
    """A template filled for one recipient, before any channel shaped it.

    Attributes:
        subject: Subject of a mail, title of an in-app item. One line, unescaped.
        text: The plain text part, or the body of an in-app item.
        html: The HTML part; `None` on channels without one.
        url: Where a click on an in-app item leads.
        marked: The HTML with its links marked, where they are to be counted; the HTML itself
            leads straight to where they lead, and so says the digest.
    """

    subject: str
    text: str
    html: str | None = None
    url: str | None = None
    marked: str | None = None

    def digest(self) -> bytes:
        """SHA-256 of what the recipient is told: whether filling it again says the same."""
        said = sha256(utf8(f"{self.subject}\0{self.text}\0"))
        said.update(self.html_octets)
        said.update(utf8(f"\0{self.url or ''}"))
        return said.digest()

    @cached_property
    def html_octets(self) -> bytes:
        """The HTML in UTF-8: encoded once for the mail and for the hash."""
        return utf8(self.html or "")


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """What a mail puts into its recipient's calendar.

    Attributes:
        method: `REQUEST`, `CANCEL` or `PUBLISH` (RFC 5546, section 1.4).
        octets: iCalendar (RFC 5545).
    """

    method: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that a mail carries.

    Attributes:
        name: As its reader sees it; any text.
        kind: Media type, like `application/pdf`.
    """

    name: str
    kind: str
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything about one message that is not its content.

    Attributes:
        delivery_id: Ours; the Message-ID and `X-Tidings-Delivery` are made of it.
        message_id: `local@domain`, without angle brackets; the same over all attempts.
        sender: RFC 5322 mailbox for From, e.g. `Tidings <news@example.com>`.
        return_path: VERP envelope sender.
        recipient_name: Display name for To, when known.
        date: Aware; written into the Date header.
        topic: Key of the topic.
        category: Category of the topic; the List-Id is made of it.
        campaign: Key of the campaign, when there is one.
        bulk: Promotional: gets `Precedence: bulk`.
        unsubscribe_url: HTTPS one-click link (RFC 8058); `None` where one cannot unsubscribe.
        preferences_url: Opens all of the recipient's preferences, without signing in.
        browser_url: Shows this very mail in a browser; `None` where what it said is secret.
        unsubscribe_mailto: `mailto:` alternative, when there is a bounce domain.
        reply_to: RFC 5322 mailbox that answers go to, where that is not the sender.
        calendar: What goes into the recipient's calendar.
        enclosures: The files it carries.
        sender_id: Last part of the Feedback-ID: 5 to 15 characters that never change.
    """

    delivery_id: UUID
    message_id: str
    sender: str
    return_path: str
    date: datetime
    topic: str
    category: str
    recipient_name: str | None = None
    campaign: str | None = None
    bulk: bool = False
    unsubscribe_url: str | None = None
    preferences_url: str | None = None
    browser_url: str | None = None
    unsubscribe_mailto: str | None = None
    reply_to: str | None = None
    calendar: CalendarPart | None = None
    enclosures: tuple[Enclosure, ...] = ()
    sender_id: str = "tidings"

    @property
    def links(self) -> dict[str, str | None]:
        """The links by the names templates call them."""
        return {
            "unsubscribe": self.unsubscribe_url,
            "preferences": self.preferences_url,
            "browser": self.browser_url,
        }


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient, ready for a provider.

    Attributes:
        delivery_id: Ours.
        recipient: The address as the provider wants it (SMTP: the RCPT TO address).
        return_path: SMTP: the MAIL FROM address.
        payload: The bytes to hand over. SMTP: CRLF lines, ending in CRLF, not dot-stuffed.
        eight_bit: The payload holds octets over 127 (needs 8BITMIME, RFC 6152).
        utf8_address: An address or header needs SMTPUTF8 (RFC 6531).
    """

    delivery_id: UUID
    recipient: str
    return_path: str
    payload: bytes
    eight_bit: bool = False
    utf8_address: bool = False


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a recipient's in-app feed.

    Attributes:
        title: At most 200 characters.
        body: Plain text.
        url: Where a click leads: http, https or a path of the product.
    """

    title: str
    body: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A definite acceptance, in the provider's words.

    Attributes:
        reply: What the server answered.
        provider_id: The provider's own id of the message, when it named one.
    """

    reply: Reply
    provider_id: str | None = None
