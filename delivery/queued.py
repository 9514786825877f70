"""Amazon SES's events out of a queue: in SNS's envelope, or raw. Pure.

Who may write into the queue its own policy says; a signature would prove nothing more. What
comes in an envelope must still be from a listed topic, where topics are listed.
"""

import json
from datetime import datetime
from hashlib import sha256

from delivery.errors import UnreadableError
from delivery.ports import Posted, Secrets
from delivery.posts.words import kept, members
from delivery.webhooks import amazon_ses
from models.records import Feedback, Kind


def read(body: str, topics: Secrets) -> list[Feedback]:
    """The event of a message; none in what only tests a subscription.

    Raises:
        UnreadableError: It is no event of Amazon SES, or from a topic that is not listed.
    """
    said = members(Posted({}, body.encode(errors="surrogatepass")).json())
    if "Type" in said and "TopicArn" in said:
        if topics and said["TopicArn"] not in topics:
            raise UnreadableError("its topic is not on the list")
        return amazon_ses.read(Posted({}, body.encode(errors="surrogatepass")))
    if not (said.keys() & {"eventType", "notificationType"}):
        raise UnreadableError("it is no event of Amazon SES")
    when = members(said.get("mail")).get("timestamp")
    envelope = {"Type": "Notification", "Message": body, "Timestamp": when}
    return amazon_ses.read(Posted({}, json.dumps(envelope).encode()))


def stray(message_id: str, body: str, now: datetime) -> Feedback:
    """What could not be read, kept as it came; the same message again is the same event."""
    name = sha256(message_id.encode(errors="surrogatepass")).hexdigest()
    raw = kept({"body": body})
    return Feedback(amazon_ses.VENDOR, name, Kind.UNKNOWN, now, None, None, None, None, raw)
