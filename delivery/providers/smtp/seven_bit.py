"""A message for servers that take only 7-bit bodies; slow, correct and rarely needed."""

from binascii import b2a_qp
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import SMTP

from delivery.errors import ContentRefused

_VERBATIM = SMTP.clone(refold_source="none", max_line_length=None)
"""Headers leave exactly as they came."""


def seven_bit(payload: bytes) -> bytes:
    """The same message with its 8-bit bodies as quoted-printable (RFC 2045, section 6.7).

    Raises:
        ContentRefused: Its signature would break, or its headers are not ASCII.
    """
    message = message_from_bytes(payload, EmailMessage, policy=_VERBATIM)
    if "DKIM-Signature" in message:
        raise ContentRefused("a signed 8-bit message, and the server takes only 7 bits")
    for part in message.walk():
        if not part.is_multipart():
            _quote(part)
        elif "Content-Transfer-Encoding" in part:
            # RFC 2045 6.4: a multipart is 7bit, 8bit or binary; what it holds is 7-bit now.
            part.replace_header("Content-Transfer-Encoding", "7bit")
    converted = message.as_bytes()
    if not converted.isascii():
        raise ContentRefused("8-bit headers, and the server takes only 7 bits")
    return converted


def _quote(part: Message) -> None:
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes) or body.isascii():
        return
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(body).decode("ascii"))
