"""Where the database is. A setting is an environment variable, prefix `TIDINGS_`."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class DatabaseSettings(BaseSettings):
    """Read from the environment and from `.env` in the working directory."""

    model_config = SettingsConfigDict(env_prefix="TIDINGS_", env_file=".env", extra="ignore")

    database_url: str = ""
    """Any Postgres 15 or newer, as a libpq URL; empty: the bundled server under `data_dir`."""

    data_dir: Path = Path(".tidings")
    """What must be kept between runs: the bundled database, the secret key, the mailbox."""

    postgres_bin: Path | None = None
    """A folder with `postgres` and `initdb` to use instead of the bundled ones."""
