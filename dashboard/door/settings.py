"""How people come in to the console. Environment variables, prefix `TIDINGS_`."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DoorSettings(BaseSettings):
    """Read from the environment and from `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="TIDINGS_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    session_idle_minutes: int = Field(default=480, ge=1, le=43_200)
    """Minutes without doing anything after which one signs in anew."""

    session_hours: int = Field(default=24, ge=1, le=8760)
    """Hours after which one signs in anew, whatever one did."""

    trusted_proxies: str = "127.0.0.1,::1"
    """Addresses or networks whose `X-Forwarded-For` and `-Proto` are believed; comma-separated."""

    @property
    def idle(self) -> timedelta:
        """How long a session rests at most."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def lasts(self) -> timedelta:
        """How long a session lasts at most."""
        return timedelta(hours=self.session_hours)
