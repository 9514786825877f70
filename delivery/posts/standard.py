"""Standard Webhooks 1.0: HMAC-SHA256 over id, timestamp and body; also under svix's names."""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from datetime import datetime

from delivery.errors import BadSignatureError
from delivery.ports import Posted, Secrets
from delivery.posts.moments import SHORT, recent


def verify(posted: Posted, secrets: Secrets, now: datetime, prefix: str) -> str:
    """Check the signature and its age.

    Args:
        posted: As it came.
        secrets: Each `whsec_` and base64.
        now: Ours.
        prefix: Of the three headers: `webhook` or `svix`.

    Returns:
        The id of the message.

    Raises:
        BadSignatureError: No signature in it is made with one of the secrets, or it is old.
    """
    identifier = posted.header(f"{prefix}-id")
    stamp = posted.header(f"{prefix}-timestamp")
    given = posted.header(f"{prefix}-signature").encode().split()
    signed = b".".join((identifier.encode(), stamp.encode(), posted.body))
    right = [b"v1," + b64encode(hmac.digest(_key(each), signed, "sha256")) for each in secrets]
    # All are compared, so that the time it takes says nothing.
    if True not in [hmac.compare_digest(one, other) for one in right for other in given]:
        raise BadSignatureError("no signature fits")
    recent(stamp, now, SHORT)
    return identifier


def _key(secret: str) -> bytes:
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except Base64Error as error:
        raise BadSignatureError("our own secret is not base64: mend the setting") from error
