"""How workers work. Environment variables, prefix `TIDINGS_`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _bound(value: Any) -> Any:
    """Two per cents from a text like `2.5,5`, the lower one first."""
    try:
        watch, trip = map(float, value.split(",")) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("write two per cents, like 2.5,5: watched, and paused from") from None
    if not 0 < watch <= trip <= 100:  # noqa: PLR2004 - per cent
        raise ValueError("the first is above 0 and not above the second, which is at most 100")
    return watch, trip


Bound = Annotated[tuple[float, float], NoDecode, BeforeValidator(_bound)]


class LogFormat(StrEnum):
    """How log lines look."""

    CONSOLE = "console"
    JSON = "json"


class WorkerSettings(BaseSettings):
    """Read from the environment and from `.env` in the working directory."""

    model_config = SettingsConfigDict(env_prefix="TIDINGS_", env_file=".env", extra="ignore")

    log_format: LogFormat = LogFormat.CONSOLE
    """`console` for people, `json` for machines."""

    worker_processes: int = 1
    """Worker processes that `tidings up` and `tidings work` start."""

    worker_plan_batch: int = 300
    """Most outbox rows planned in one transaction."""

    worker_send_batch: int = 300
    """Most deliveries claimed in one transaction."""

    worker_concurrency: int = 120
    """Most messages of one worker process on the wire at once."""

    worker_lease: float = 60.0
    """Seconds a claimed delivery is a worker's own; renewed while an answer is awaited."""

    worker_connections: int = 8
    """Database connections of one worker process."""

    soft_bounces: int = 5
    """So many deliveries that came back for now, and their address rests for 30 days."""

    soft_bounce_days: int = 14
    """Days within which they must have come back."""

    reputation_bounces: Bound = (2.5, 5.0)
    """Per cent of mail that comes back for good from where it is watched, and paused."""

    reputation_complaints: Bound = (0.05, 0.15)
    """The same for mail that its readers call spam."""

    reputation_policy: Bound = (2.5, 5.0)
    """The same for mail that is refused for our authentication, policy or standing."""

    campaign_holdout: Annotated[float, Field(ge=0, le=50)] = 0.0
    """Per cent of all recipients who get no campaign, always the same ones; 0: nobody."""

    retention_days: int = 90
    """Days the history (events, deliveries, attempts, feedback) is kept."""


class BounceSettings(BaseSettings):
    """Ways in for mail that comes back; see `scheduler.returns`."""

    model_config = SettingsConfigDict(
        env_prefix="TIDINGS_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    bounce_host: str = "127.0.0.1"
    """Address on which bounces are taken by SMTP."""

    bounce_port: int = 2526
    """Port of the same; -1: not at all."""

    bounce_lmtp: str = ""
    """Path of a socket, or `host:port`, on which bounces are taken by LMTP; empty: not at all."""

    bounce_maildir: Path | None = None
    """A maildir into which somebody else delivers bounces."""

    bounce_imap_url: SecretStr = SecretStr("")
    """`imap://user:pass@host:port/FOLDER?tls=implicit|starttls|none&done=FOLDER&every=60`."""

    bounce_metrics_host: str = "127.0.0.1"
    """Address on which it tells Prometheus about itself."""

    bounce_metrics_port: int = 9464
    """Port of the same; 0: not at all."""
