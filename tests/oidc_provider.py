"""A small OpenID provider: real HTTP, real RS256 keys, and it can be told to lie."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "tidings-console", "a secret of the provider"


class Provider:
    """What it says; `claims` changes the ID token, `signer` and `algorithm` how it is signed."""

    def __init__(self) -> None:
        self.issuer = ""
        self.claims: dict[str, Any] = {}
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.signer: Any = self.key
        self.algorithm = "RS256"
        self.codes: dict[str, dict[str, str]] = {}

    def consent(self, url: str) -> dict[str, str]:
        """Somebody agrees: what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def keys(self) -> dict[str, Any]:
        public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300,
            "nonce": nonce, "email": "ada@example.com", "email_verified": True, "name": "Ada Park",
        }  # fmt: skip
        claims = {name: value for name, value in {**said, **self.claims}.items() if value != "-"}
        return jwt.encode(claims, self.signer, self.algorithm, headers={"kid": "one"})

    def exchange(self, posted: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The token for a code, once, for the client with the verifier."""
        asked = self.codes.pop(posted.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(posted.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not asked or asked["code_challenge"] != challenge or authorization != f"Basic {basic}":
            return None
        token = self.id_token(asked["nonce"])
        return {"access_token": "x", "token_type": "Bearer", "expires_in": 60, "id_token": token}

    def describe(self) -> dict[str, str]:
        return {
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        }  # fmt: skip


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider on a port of its own."""
    one = Provider()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/.well-known/openid-configuration": one.describe, "/keys": one.keys}
            make = known.get(self.path)
            self._say(200 if make else 404, make() if make else {})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            posted = {name: values[0] for name, values in parse_qs(text).items()}
            found = one.exchange(posted, self.headers.get("authorization", ""))
            self._say(200 if found else 400, found or {"error": "invalid_grant"})

        def _say(self, status: int, said: Any) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    one.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield one
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
