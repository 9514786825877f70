"""The headers of every answer: what the browser may load, embed and run."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import streamlit

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def _inline_hashes() -> str:
    """The sources that allow just the scripts which Streamlit's own page holds inline."""
    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    digests = (sha256(script.encode()).digest() for script in _INLINE.findall(index))
    return " ".join(f"'sha256-{b64encode(digest).decode()}'" for digest in digests)


_POLICY = {
    "default-src": "'self'",
    # Components are modules made of blobs; charts are compiled by Vega.
    "script-src": f"'self' blob: {_inline_hashes()}",
    "style-src": "'self' 'unsafe-inline'",
    # A mail's pictures are shown when somebody asks for them; the preview's own policy keeps
    # them out before that.
    "img-src": "'self' data: blob: https:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "frame-src": "'self' blob: data:",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

SECURITY = {
    "content-security-policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "cross-origin-opener-policy": "same-origin",
}
"""Set unless the answer has its own."""
