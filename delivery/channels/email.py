"""E-mail: which addresses there are, and the mail that content becomes for one of them."""

from email_validator import EmailNotValidError, validate_email

from delivery.messages import Content, Envelope, Message
from delivery.rendering import mime


def accepts(address: str) -> str | None:
    """The address as it is stored and compared, or `None` if it is not one.

    The domain becomes lower-case ASCII (IDNA); the local part is kept, since only its server
    knows whether case matters. No DNS is asked: test domains are fine, bare host names not.
    """
    try:
        checked = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
            strict=True,
        )
    except EmailNotValidError:
        return None
    if "." not in checked.ascii_domain:
        return None
    return f"{checked.local_part}@{checked.ascii_domain.lower()}"


def compose(content: Content, address: str, envelope: Envelope) -> Message:
    """The mail for one address, unsigned: `delivery.rendering.dkim.sign` follows.

    Raises:
        ComposingError: An address, id or link cannot be written into a header.
    """
    payload = mime.compose(content, address, envelope)
    return Message(
        delivery_id=envelope.delivery_id,
        recipient=address,
        return_path=envelope.return_path,
        payload=payload,
        eight_bit=not payload.isascii(),
        utf8_address=not address.isascii(),
    )
