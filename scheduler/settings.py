"""How workers work. Environment variables, prefix `TIDINGS_`."""

from enum import StrEnum

from pydantic_settings import BaseSettings, SettingsConfigDict


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

    retention_days: int = 90
    """Days the history (events, deliveries, attempts, feedback) is kept."""
