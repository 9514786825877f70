"""The secret key: from the settings, or generated once into the data directory."""

import os
import secrets
from pathlib import Path

_BYTES = 32
SHORTEST_KEY = 32
"""Characters that a key has at least."""


def secret_key(configured: str, data_dir: Path, *, bundled: bool) -> bytes:
    """The key that signs links, cookies and tokens.

    Args:
        configured: `TIDINGS_SECRET_KEY`.
        data_dir: Where a generated key is kept.
        bundled: With the bundled Postgres a key is generated; with any other it is required,
            because several machines must share it.

    Raises:
        ValueError: It is required and missing, or too short to be safe.
    """
    if configured:
        if len(configured) < SHORTEST_KEY:
            raise ValueError(
                f"TIDINGS_SECRET_KEY is too short: use at least {SHORTEST_KEY} characters"
            )
        return configured.encode()
    if not bundled:
        raise ValueError(
            "TIDINGS_SECRET_KEY is missing: set it, the same on every machine,"
            " e.g. to the output of: openssl rand -hex 32"
        )
    return _generated(data_dir / "secret_key")


def _generated(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_hex(_BYTES))
    try:
        os.link(draft, path)  # whoever comes first wins; a half-written key is never seen
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_bytes()
