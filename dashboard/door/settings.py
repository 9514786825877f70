"""How people come in to the console. Environment variables, prefix `TIDINGS_`."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.people import Role


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

    console_url: str = ""
    """Public base URL of the console; needed for signing in with OpenID Connect."""

    oidc_issuer: str = ""
    """Issuer of the OpenID provider that people may sign in with; empty: none."""

    oidc_client_id: str = ""
    """What the provider knows the console as."""

    oidc_client_secret: SecretStr = SecretStr("")
    """The secret it gave the console."""

    oidc_name: str = "your organisation"
    """What the sign-in page calls the provider."""

    oidc_adds_people: bool = False
    """Whether somebody who is not there yet is added, as a viewer."""

    oidc_groups_claim: str = "groups"
    """The claim that names a person's groups."""

    oidc_roles: Annotated[dict[str, Role], NoDecode] = {}
    """Groups and the roles they give, `group=role`, comma-separated; empty: roles stay ours."""

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _pairs(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = (part.partition("=") for part in value.split(",") if part.strip())
        return {group.strip(): role.strip() for group, _, role in pairs}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.oidc_issuer and not (self.console_url and self.oidc_client_id):
            raise ValueError("set TIDINGS_CONSOLE_URL and TIDINGS_OIDC_CLIENT_ID with the issuer")
        return self

    @property
    def comes_back_to(self) -> str:
        """Where the provider sends people back to; the provider must know it."""
        return f"{self.console_url.rstrip('/')}/login/oidc/back"

    @property
    def idle(self) -> timedelta:
        """How long a session rests at most."""
        return timedelta(minutes=self.session_idle_minutes)

    @property
    def lasts(self) -> timedelta:
        """How long a session lasts at most."""
        return timedelta(hours=self.session_hours)
