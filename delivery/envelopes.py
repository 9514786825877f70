"""Everything about a message that is not its content: sender, ids, links. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from uuid import UUID

from delivery.consent.wishes import asks_nobody
from delivery.links import Kind, Link, LinkKeys, Permit, sign, sign_permit, sign_view
from delivery.messages import Envelope
from delivery.returns.addresses import ReturnKeys, bounces_to, optouts_to
from models.records import Class, DueRow, Profile, Topic


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all messages of an installation have in common.

    Attributes:
        sender: The From mailbox.
        domain: Right side of Message-IDs.
        bounce_domain: Right side of return paths and of what mail is answered to.
        answers: Somebody reads what comes to that domain, so it may be written to.
        base_url: Where our own links lead, without a trailing slash.
        tracking_url: Where opens and clicks are noticed, without a trailing slash.
        links: Keys that sign links.
        permits: How long the link to a recipient's preferences is good.
        returns: Keys that sign return paths.
    """

    sender: str
    domain: str
    bounce_domain: str
    answers: bool
    base_url: str
    tracking_url: str
    links: LinkKeys
    permits: timedelta
    returns: ReturnKeys


def letterhead(
    sender: str, bounce_domain: str, base_url: str, secret: bytes, permits: timedelta
) -> Letterhead:
    """The letterhead of an installation.

    Raises:
        ValueError: `sender` is not a mailbox.
    """
    domain = domain_of(sender)
    return Letterhead(
        sender=sender,
        domain=domain,
        bounce_domain=bounce_domain or domain,
        answers=bool(bounce_domain),
        base_url=base_url,
        tracking_url=base_url,
        links=LinkKeys.derive(secret),
        permits=permits,
        returns=ReturnKeys.of(secret),
    )


def domain_of(sender: str) -> str:
    """The domain of a From mailbox.

    Raises:
        ValueError: `sender` is not a mailbox.
    """
    local, _, domain = parseaddr(sender)[1].rpartition("@")
    if not local or not domain:
        raise ValueError(f"TIDINGS_MAIL_FROM is {sender!r}: write it as Name <name@domain>")
    return domain


def message_id(delivery: UUID, domain: str) -> str:
    """The Message-ID of a delivery, the same in all its attempts."""
    return f"{delivery}@{domain}"


def unsubscribe_url(head: Letterhead, row: DueRow, topic: Topic) -> str | None:
    """The one-click link of a message; none where nobody can turn its topic off."""
    if asks_nobody(topic):
        return None
    link = Link(row.recipient_id, topic.category, row.channel, row.delivery_id)
    return f"{head.base_url}/u/{sign(Kind.UNSUBSCRIBE, link, head.links)}"


def preferences_url(head: Letterhead, row: DueRow) -> str:
    """The link to all of its recipient's preferences; the same in all attempts."""
    permit = Permit.of_delivery(row.recipient_id, row.delivery_id, head.permits)
    return f"{head.base_url}/p/{sign_permit(permit, head.links)}"


def browser_url(head: Letterhead, row: DueRow, topic: Topic) -> str | None:
    """Where the mail itself is shown; nowhere what its topic keeps secret."""
    return (
        None if topic.sensitive else f"{head.base_url}/v/{sign_view(row.delivery_id, head.links)}"
    )


def unsubscribe_mailto(head: Letterhead, row: DueRow, topic: Topic) -> str | None:
    """Where to write instead; none where nobody would read it, or nobody can turn it off."""
    if not head.answers or asks_nobody(topic):
        return None
    local = optouts_to(row.recipient_id, topic.category, row.channel, head.returns)
    return f"mailto:{local}@{head.bounce_domain}"


def return_path(head: Letterhead, delivery_id: UUID) -> str:
    """A VERP envelope sender: a bounce to it names its delivery, and nobody can forge it."""
    return f"{bounces_to(delivery_id, head.returns)}@{head.bounce_domain}"


def envelope(
    head: Letterhead, row: DueRow, topic: Topic, profile: Profile | None, date: datetime
) -> Envelope:
    """The envelope of one message; the same over all its attempts but for the date."""
    return Envelope(
        delivery_id=row.delivery_id,
        message_id=message_id(row.delivery_id, head.domain),
        sender=head.sender,
        return_path=return_path(head, row.delivery_id),
        date=date,
        topic=topic.key,
        category=topic.category,
        recipient_name=None if profile is None else profile.name,
        bulk=topic.klass is Class.PROMOTIONAL,
        unsubscribe_url=unsubscribe_url(head, row, topic),
        preferences_url=preferences_url(head, row),
        browser_url=browser_url(head, row, topic),
        unsubscribe_mailto=unsubscribe_mailto(head, row, topic),
    )
