"""Where AWS's credentials are: the first place that has some, asked again before they end.

Environment, shared file, container (ECS, EKS Pod Identity), instance (IMDSv2): the order of
AWS's own tools.
"""

from collections.abc import Awaitable, Callable
from configparser import ConfigParser, Error as ConfigError
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduler.sqs.signing import Keys

_CONTAINER = "http://169.254.170.2"
_INSTANCE = "http://169.254.169.254/latest"
_ROLE = f"{_INSTANCE}/meta-data/iam/security-credentials/"
_PATIENCE = 2.0
_EARLY = timedelta(minutes=5)
"""How long before their end credentials are asked for again."""


class AwsSettings(BaseSettings):
    """AWS's own environment, as all of its tools read it."""

    model_config = SettingsConfigDict(env_prefix="AWS_", extra="ignore")

    access_key_id: str = ""
    secret_access_key: SecretStr = SecretStr("")
    session_token: SecretStr = SecretStr("")
    profile: str = "default"
    shared_credentials_file: Path = Path("~/.aws/credentials")
    container_credentials_relative_uri: str = ""
    container_credentials_full_uri: str = ""
    container_authorization_token: SecretStr = SecretStr("")
    container_authorization_token_file: Path | None = None
    ec2_metadata_disabled: bool = False
    region: str = ""
    default_region: str = ""


class NoKeysError(Exception):
    """There are no credentials anywhere, or they cannot be read."""


class Chain:
    """The credentials of this process."""

    def __init__(self, settings: AwsSettings, http: httpx.AsyncClient) -> None:
        self._settings, self._http = settings, http
        self._known: Keys | None = None

    async def keys(self, now: datetime) -> Keys:
        """Credentials that are good for a while.

        Raises:
            NoKeysError: There are none.
            httpx.HTTPError: Who has them does not answer.
        """
        known = self._known
        if known is None or (known.ends is not None and now > known.ends - _EARLY):
            known = self._known = await self._find()
        return known

    async def _find(self) -> Keys:
        ways: tuple[Callable[[], Awaitable[Keys | None]], ...] = (
            self._of_environment, self._of_file, self._of_container, self._of_instance,
        )  # fmt: skip
        for way in ways:
            if found := await way():
                return found
        raise NoKeysError("there are no AWS credentials: set AWS_ACCESS_KEY_ID, or give a role")

    async def _of_environment(self) -> Keys | None:
        said = self._settings
        if not said.access_key_id:
            return None
        token = said.session_token.get_secret_value()
        return Keys(said.access_key_id, said.secret_access_key.get_secret_value(), token)

    async def _of_file(self) -> Keys | None:
        parser = ConfigParser(interpolation=None)
        try:
            parser.read(self._settings.shared_credentials_file.expanduser())
        except (ConfigError, UnicodeDecodeError) as error:
            raise NoKeysError("AWS's shared credentials file cannot be read") from error
        profile = self._settings.profile
        said = parser[profile] if parser.has_section(profile) else {}
        if "aws_access_key_id" not in said:
            return None
        secret, token = (
            said.get(f"aws_{name}", "") for name in ("secret_access_key", "session_token")
        )
        return Keys(said["aws_access_key_id"], secret, token)

    async def _of_container(self) -> Keys | None:
        said = self._settings
        relative, full = (
            said.container_credentials_relative_uri,
            said.container_credentials_full_uri,
        )
        if not relative and not full:
            return None
        url = f"{_CONTAINER}{relative}" if relative else full
        if urlsplit(url).scheme not in {"http", "https"}:
            raise NoKeysError("AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL")
        token = said.container_authorization_token.get_secret_value()
        if said.container_authorization_token_file is not None:
            token = said.container_authorization_token_file.read_text().strip()
        return await self._told(url, {"Authorization": token} if token else {})

    async def _of_instance(self) -> Keys | None:
        if self._settings.ec2_metadata_disabled:
            return None
        try:
            session = await self._http.put(
                f"{_INSTANCE}/api/token",
                headers={"X-aws-ec2-metadata-token-ttl-seconds": "300"},
                timeout=_PATIENCE,
            )
        except httpx.HTTPError:
            return None  # it is no instance of Amazon's
        headers = {"X-aws-ec2-metadata-token": session.raise_for_status().text}
        role = await self._http.get(_ROLE, headers=headers, timeout=_PATIENCE)
        return await self._told(_ROLE + role.raise_for_status().text.split("\n")[0], headers)

    async def _told(self, url: str, headers: dict[str, str]) -> Keys:
        answer = (await self._http.get(url, headers=headers, timeout=_PATIENCE)).raise_for_status()
        try:
            said = answer.json()
            ends = datetime.fromisoformat(said["Expiration"])
            return Keys(said["AccessKeyId"], said["SecretAccessKey"], said["Token"], ends)
        except (ValueError, KeyError, TypeError) as error:
            raise NoKeysError("what answers for AWS's credentials tells none") from error
