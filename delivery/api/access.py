"""Who may come in: producers with an API key, recipients with a feed token."""

import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
import structlog
from fastapi import Depends, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from delivery.api.edge import Edge, TheEdge
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.profiles import Fault
from delivery.reading import is_recipient_id
from models.database import UnavailableError
from models.queries.configuring import keys
from models.queries.configuring.keys import ApiKey, Scope
from models.records import Author, Via

AUDIENCE = "feed"
LONGEST = timedelta(hours=24)
"""How long a feed token may live."""

_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_KEY = HTTPBearer(auto_error=False, scheme_name="API key", description="`tidings keys create`")
_TOKEN = HTTPBearer(
    auto_error=False, scheme_name="Feed token", description="Made by `POST /v1/feed/token`."
)
Credentials = HTTPAuthorizationCredentials | None


def _refused(why: str) -> ProblemError:
    return ProblemError(Kind.UNAUTHORIZED, why, headers=_CHALLENGE)


async def _live_key(edge: Edge, secret: str) -> ApiKey:
    # One statement, on every request: without BEGIN and COMMIT it is one round trip, not three.
    async with edge.database.autocommit() as tx:
        key = await tx.run(keys.find_key(secret))
    now = await edge.database.tell_time()
    if key is None or not key.is_live(now):
        raise _refused("This API key is unknown, expired or revoked.")
    if key.is_used_anew(now):
        await _note_use(edge, key, now)
    structlog.contextvars.bind_contextvars(key=key.prefix, source=key.source_name)
    return key


async def _note_use(edge: Edge, key: ApiKey, now: datetime) -> None:
    # While nothing can be written, reads go on: the next use is noted instead.
    with suppress(UnavailableError):
        async with edge.database.autocommit() as tx:
            await tx.run(keys.used(key.key_id, now))


def _within(key: ApiKey, scope: Scope) -> ApiKey:
    if scope not in key.scopes:
        raise ProblemError(Kind.FORBIDDEN, f"The key {key.prefix}… lacks the scope {scope}.")
    return key


def allowed(scope: Scope) -> Callable[..., Awaitable[ApiKey]]:
    """A dependency: the live API key of the request, if it has this scope."""

    async def key_of(edge: TheEdge, credentials: Annotated[Credentials, Depends(_KEY)]) -> ApiKey:
        if credentials is None:
            raise _refused("There is no API key.")
        return _within(await _live_key(edge, credentials.credentials), scope)

    return key_of


def feed_key(secret: bytes) -> bytes:
    """The key of feed tokens, derived from the installation's secret."""
    return hmac.digest(secret, b"tidings feed tokens 1", "sha256")


def feed_token(edge: Edge, recipient: str, now: datetime, expires_at: datetime) -> str:
    """A token (RFC 7519, HS256) that opens one recipient's feed until it expires."""
    claims = {"sub": recipient, "aud": AUDIENCE, "iat": now, "exp": expires_at}
    return jwt.encode(claims, edge.feed_key, "HS256")


def _recipient_of(edge: Edge, token: str, now: datetime) -> str:
    try:
        claims = jwt.decode(
            token,
            edge.feed_key,
            ["HS256"],
            audience=AUDIENCE,
            # Times are compared with the database's clock, below.
            options={"require": ["sub", "exp"], "verify_exp": False, "verify_iat": False},
        )
        expires_at = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.InvalidTokenError, OverflowError, OSError, ValueError) as error:
        raise _refused("This feed token is not one of ours.") from error
    if not now < expires_at <= now + LONGEST:
        raise _refused("This feed token has expired.")
    return str(claims["sub"])


async def token_holder(edge: TheEdge, credentials: Annotated[Credentials, Depends(_TOKEN)]) -> str:
    """A dependency: the recipient whose feed token came."""
    if credentials is None:
        raise _refused("There is no feed token.")
    return _recipient_of(edge, credentials.credentials, await edge.database.tell_time())


def actor(key: ApiKey) -> str:
    """Who the audit says did what came with a key."""
    return f"key {key.prefix}… ({key.name})"


async def chooser(
    edge: TheEdge,
    credentials: Annotated[Credentials, Depends(_TOKEN)],
    recipient: Annotated[
        str | None,
        Query(description="With an API key of scope `preferences:write`: whose preferences."),
    ] = None,
) -> tuple[str, Author]:
    """A dependency: whose preferences are meant, and who asks for or changes them."""
    if credentials is None or not credentials.credentials.startswith(keys.PREFIX):
        return await token_holder(edge, credentials), Author("recipient", Via.API)
    key = _within(await _live_key(edge, credentials.credentials), Scope.PREFERENCES_WRITE)
    if not is_recipient_id(recipient):
        raise invalid(Fault("query: recipient", "Say whose preferences."))
    return str(recipient), Author(actor(key), Via.API)


async def feed_reader(
    edge: TheEdge,
    credentials: Annotated[Credentials, Depends(_TOKEN)],
    recipient: Annotated[
        str | None, Query(description="With an API key of scope `feed:read`: whose feed.")
    ] = None,
) -> str:
    """A dependency: whose feed may be read, by their own token or by a product's key."""
    if credentials is None or not credentials.credentials.startswith(keys.PREFIX):
        return await token_holder(edge, credentials)
    _within(await _live_key(edge, credentials.credentials), Scope.FEED_READ)
    if not is_recipient_id(recipient):
        raise invalid(Fault("query: recipient", "Say whose feed to read."))
    return str(recipient)
