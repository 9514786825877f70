"""OpenID Connect: the code flow with PKCE, state and nonce (OpenID Connect Core 1.0, section 3.1).

The provider is asked for its own description (OpenID Connect Discovery 1.0). What it says of a
person is believed when the ID token is signed by a key of its own, made for us, just now, in answer
to this very request.
"""

import hmac
import secrets
import warnings
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]

from dashboard.door.settings import DoorSettings

with warnings.catch_warnings():
    # It says at each start that it would rather use httpx2, which nothing else here does.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
    from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]

_PATIENCE = 10.0
_LEEWAY = 60
"""Seconds by which clocks may differ."""
_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Never `none`, and none that is checked with a secret both sides know."""


class OidcError(Exception):
    """Nobody was signed in; the message says why, and tells nothing that is secret."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one browser asked for, until it comes back."""

    state: str
    nonce: str
    verifier: str
    onward: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is; the address was verified by it."""

    email: str
    name: str
    groups: frozenset[str]


def new_flow(onward: str) -> Flow:
    """A request that nobody can guess."""
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    return Flow(state, nonce, verifier, onward)


def described(door: DoorSettings) -> dict[str, Any]:
    """What the provider says of itself.

    Raises:
        OidcError: It does not answer, or says it is another.
    """
    url = f"{door.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
    found = _fetched(url)
    if found.get("issuer") != door.oidc_issuer:
        raise OidcError("The provider says it is another than the one that is set.")
    return found


def _fetched(url: str) -> dict[str, Any]:
    try:
        answer = httpx.get(url, timeout=_PATIENCE).raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise OidcError("The provider does not answer as it should.") from error
    return found


def way_out(door: DoorSettings, flow: Flow) -> str:
    """Where to send the browser.

    Raises:
        OidcError: The provider does not answer.
    """
    with _client(door) as client:
        url, _ = client.create_authorization_url(
            described(door)["authorization_endpoint"],
            state=flow.state,
            nonce=flow.nonce,
            code_verifier=flow.verifier,
        )
    return str(url)


def _client(door: DoorSettings) -> OAuth2Client:
    return OAuth2Client(
        door.oidc_client_id,
        door.oidc_client_secret.get_secret_value() or None,
        scope="openid email profile",
        redirect_uri=door.comes_back_to,
        code_challenge_method="S256",
        timeout=_PATIENCE,
    )


def identity(door: DoorSettings, flow: Flow, state: str, code: str) -> Identity:
    """Who came back.

    Raises:
        OidcError: It is not the answer to this request, or not to be believed.
    """
    if not hmac.compare_digest(flow.state.encode(), state.encode()):
        raise OidcError("This is not the answer to what this browser asked for.")
    provider = described(door)
    return believed(door, flow, _token(door, provider, flow, code), _fetched(provider["jwks_uri"]))


def _token(door: DoorSettings, provider: dict[str, Any], flow: Flow, code: str) -> str:
    try:
        with _client(door) as client:
            found = client.fetch_token(
                provider["token_endpoint"], code=code, code_verifier=flow.verifier
            )
        return str(found["id_token"])
    except (OAuthError, httpx.HTTPError, KeyError, ValueError) as error:
        raise OidcError("The provider does not take the code back.") from error


def believed(door: DoorSettings, flow: Flow, token: str, keys: dict[str, Any]) -> Identity:
    """What an ID token says, if it is to be believed (Core, section 3.1.3.7).

    Raises:
        OidcError: It is not.
    """
    try:
        key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(
            token, key, _ALGORITHMS, audience=door.oidc_client_id, issuer=door.oidc_issuer,
            leeway=_LEEWAY, options={"require": ["exp", "iat", "sub", "aud", "iss", "nonce"]},
        )  # fmt: skip
    except (jwt.PyJWTError, KeyError) as error:
        raise OidcError("What the provider says cannot be believed.") from error
    if not hmac.compare_digest(flow.nonce.encode(), str(claims["nonce"]).encode()):
        raise OidcError("This is not the answer to what this browser asked for.")
    if claims.get("azp", door.oidc_client_id) != door.oidc_client_id:
        raise OidcError("What the provider says was meant for somebody else.")
    if claims.get("email_verified") is not True or not claims.get("email"):
        raise OidcError("The provider did not verify your e-mail address.")
    email, groups = str(claims["email"]).strip().lower(), claims.get(door.oidc_groups_claim)
    listed = groups if isinstance(groups, list) else []
    return Identity(email, str(claims.get("name") or email), frozenset(map(str, listed)))
