"""API keys: who may come in, and as which source.

Only the SHA-256 of a key is kept. A key is 256 random bits, so a fast hash is as good as a slow
one, and the time of an index look-up tells nothing about the key.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from models.query import Answer, Query, count, sql
from models.reasons import Explained

PREFIX = "tid_"
"""What every key begins with, so that scanners for leaked secrets find it."""
USED_EVERY = timedelta(minutes=1)
"""How much later a use is written down than the one before."""
_SHOWN = len(PREFIX) + 6
"""Characters by which people recognise a key."""


class Scope(Explained):
    """What a key may be used for."""

    EVENTS_WRITE = "events:write", "Post events and ask what became of them."
    DELIVERIES_READ = "deliveries:read", "Ask how any delivery stands, and why."
    RECIPIENTS_WRITE = "recipients:write", "Write and read recipients' profiles."
    RECIPIENTS_EXPORT = "recipients:export", "Read everything that is kept about any recipient."
    RECIPIENTS_ERASE = "recipients:erase", "Erase recipients for good."
    CONVERSIONS_WRITE = "conversions:write", "Tell what recipients did."
    FEED_READ = "feed:read", "Read any recipient's feed."
    PREFERENCES_WRITE = "preferences:write", "Read and change any recipient's preferences."
    CAMPAIGNS_READ = "campaigns:read", "Read any team's campaigns, and what became of them."
    CAMPAIGNS_WRITE = "campaigns:write", "Make campaigns, and change those that are drafts."
    CAMPAIGNS_LAUNCH = "campaigns:launch", "Launch, undo, pause, resume and cancel campaigns."
    AUDIENCES_READ = "audiences:read", "Read any team's audiences, and why somebody is in one."
    AUDIENCES_WRITE = "audiences:write", "Make, change and remove audiences, and bring lists in."
    FEED_TOKEN = "feed:token", "Make feed tokens for any recipient."


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: without the key."""

    key_id: UUID
    prefix: str
    name: str
    source: UUID
    source_name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    created_by: str | None
    last_used_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def is_used_anew(self, now: datetime) -> bool:
        """Whether a use of it now is to be written down."""
        return self.last_used_at is None or self.last_used_at <= now - USED_EVERY


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at the one moment it is known."""

    secret: str
    name: str
    source: UUID
    scopes: tuple[Scope, ...]
    expires_at: datetime | None = None
    created_by: str | None = None


def make_secret() -> str:
    """A new key: 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def shown(secret: str) -> str:
    """The first characters of a key: people recognise it by them."""
    return secret[:_SHOWN]


def _hash(secret: str) -> bytes:
    return sha256(secret.encode(errors="surrogatepass")).digest()


_KEY = (
    "k.key_id, k.prefix, k.name, k.source, s.name AS source_name, k.scopes, k.created_at,"
    " k.expires_at, k.revoked_at, k.created_by, k.last_used_at"
)


def _key(row: Any) -> ApiKey:
    return ApiKey(
        row.key_id, row.prefix, row.name, row.source, row.source_name, frozenset(row.scopes),
        row.created_at, row.expires_at, row.revoked_at, row.created_by, row.last_used_at,
    )  # fmt: skip


def _keys(result: Answer) -> list[ApiKey]:
    return [_key(row) for row in result]


def add_key(key: NewKey, now: datetime) -> Query[int]:
    """Keep a new key of a known source; the same key twice is kept once."""
    return sql(
        """
        INSERT INTO api_keys (key_id, key_hash, prefix, name, source, scopes, created_at,
                              expires_at, created_by)
        VALUES (:key_id, :key_hash, :prefix, :name, :source, :scopes, :now, :expires_at, :by)
        ON CONFLICT (key_hash) DO NOTHING
        """,
        count,
        key_id=UUID(bytes=sha256(b"key id\0" + key.secret.encode()).digest()[:16]),
        key_hash=_hash(key.secret),
        prefix=shown(key.secret),
        name=key.name,
        source=key.source,
        scopes=sorted(key.scopes),
        expires_at=key.expires_at,
        by=key.created_by,
        now=now,
    )


def find_key(secret: str) -> Query[ApiKey | None]:
    """The key somebody holds, live or not."""
    digest = _hash(secret)

    def compared(result: Answer) -> ApiKey | None:
        row = result.one_or_none()
        if row is None or not hmac.compare_digest(bytes(row.key_hash), digest):
            return None
        return _key(row)

    return sql(
        f"""
        SELECT {_KEY}, k.key_hash FROM api_keys k JOIN sources s ON s.source = k.source
         WHERE k.key_hash = :digest
        """,
        compared,
        digest=digest,
    )


def list_keys() -> Query[list[ApiKey]]:
    """All keys, the newest last."""
    return sql(
        f"""
        SELECT {_KEY} FROM api_keys k JOIN sources s ON s.source = k.source
         ORDER BY k.created_at, k.key_id
        """,
        _keys,
    )


def keys_like(text: str) -> Query[list[ApiKey]]:
    """Live keys with this prefix or id."""
    return sql(
        f"""
        SELECT {_KEY} FROM api_keys k JOIN sources s ON s.source = k.source
         WHERE k.revoked_at IS NULL AND (k.prefix = :text OR CAST(k.key_id AS text) = :text)
        """,
        _keys,
        text=text,
    )


def lock_key(key_id: UUID) -> Query[ApiKey | None]:
    """One key, locked: of two who rotate or revoke it at once, the second sees what came of it."""

    def found(result: Answer) -> ApiKey | None:
        row = result.one_or_none()
        return None if row is None else _key(row)

    return sql(
        f"""
        SELECT {_KEY} FROM api_keys k JOIN sources s ON s.source = k.source
         WHERE k.key_id = :key_id FOR UPDATE OF k
        """,
        found,
        key_id=key_id,
    )


def end_key(key_id: UUID, at: datetime) -> Query[int]:
    """Let a key end at a moment, unless it ends before."""
    return sql(
        """
        UPDATE api_keys SET expires_at = least(expires_at, CAST(:at AS timestamptz))
         WHERE key_id = :key_id AND revoked_at IS NULL
        """,
        count,
        key_id=key_id,
        at=at,
    )


def used(key_id: UUID, now: datetime) -> Query[int]:
    """Write down that a key was used; at most once a minute, whoever asks."""
    return sql(
        """
        UPDATE api_keys SET last_used_at = :now
         WHERE key_id = :key_id AND (last_used_at IS NULL OR last_used_at <= :before)
        """,
        count,
        key_id=key_id,
        now=now,
        before=now - USED_EVERY,
    )


def revoke_keys(keys: Iterable[UUID], now: datetime) -> Query[int]:
    """End keys now; a key that was revoked stays as it was."""
    return sql(
        "UPDATE api_keys SET revoked_at = :now WHERE key_id = ANY(:keys) AND revoked_at IS NULL",
        count,
        keys=list(keys),
        now=now,
    )


def source_named(name: str) -> Query[UUID | None]:
    """The source with this name."""

    def found(result: Answer) -> UUID | None:
        source: UUID | None = result.scalar_one_or_none()
        return source

    return sql("SELECT source FROM sources WHERE name = :name", found, name=name)


def add_api_source(name: str, now: datetime) -> Query[int]:
    """A source that only posts over HTTP, unless the name is taken; its rows are in our outbox."""
    return sql(
        """
        INSERT INTO sources (source, name, url, enabled, created_at)
        VALUES (:source, :name, NULL, true, :now)
        ON CONFLICT (name) DO NOTHING
        """,
        count,
        source=UUID(bytes=secrets.token_bytes(16)),
        name=name,
        now=now,
    )
