"""How messages leave and how callers come in. Environment variables, prefix `TIDINGS_`."""

from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.secret import SHORTEST_KEY


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _server(text: str) -> tuple[str, int]:
    """A name server's address and port: `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[…]:53`."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        host, port = text, "53"
    address = str(ip_address(host.strip("[]")))
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):  # noqa: PLR2004
        raise ValueError(f"{text!r} names no port: write it as address:port")
    return address, int(port)


class Environment(StrEnum):
    """Where this installation stands; outside production mail leaves only to `ALLOW_TO`."""

    DEV = "dev"
    STAGING = "staging"
    PRODUCTION = "production"


class DeliverySettings(BaseSettings):
    """Read from the environment and from `.env` in the working directory."""

    model_config = SettingsConfigDict(
        env_prefix="TIDINGS_", env_file=".env", extra="ignore", hide_input_in_errors=True
    )

    environment: Environment = Environment.DEV
    """`dev`, `staging` or `production`; the console wears its colour."""

    allow_to: Annotated[frozenset[str], NoDecode] = frozenset()
    """Outside production, only these addresses and domains receive mail; comma-separated."""

    smtp_url: SecretStr = SecretStr("")
    """`smtp://user:pass@host:port?tls=none|starttls|implicit`; empty: the local mailbox."""

    mailbox_smtp_port: int = 2525
    """Port on which the local mailbox takes mail."""

    mailbox_port: int = 8025
    """Port on which the local mailbox shows mail."""

    mail_from: str = "Tidings <tidings@localhost.localdomain>"
    """The From mailbox of every mail."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "EUR"
    """In which prices of accounts are, by its code (ISO 4217)."""

    bounce_domain: str = ""
    """Domain of the VERP envelope sender; empty: the domain of `mail_from`."""

    dkim_domain: str = ""
    """The `d=` of signatures; empty: mail is not signed."""

    dkim_selector: str = "tidings"
    """The `s=` of signatures."""

    dkim_key_file: Path | None = None
    """PEM file with the RSA or Ed25519 private key."""

    sending_ips: Annotated[tuple[IPv4Address | IPv6Address, ...], NoDecode] = ()
    """Addresses that mail leaves to the world from, for SPF and reverse DNS; comma-separated."""

    dns_servers: Annotated[tuple[tuple[str, int], ...], NoDecode] = ()
    """Name servers asked about sending domains, `address` or `address:port`; comma-separated."""

    api_url: str = ""
    """Public base URL of the API, used in unsubscribe links; empty: localhost and `api_port`."""

    api_port: int = 8080
    """Port of the API."""

    tracking_url: str = ""
    """Base URL under which opens and clicks come in; empty: `api_url`. The API answers there."""

    track_opens: bool = False
    """Whether opens of mails are noticed, of topics that do not say; never of critical ones."""

    track_clicks: bool = False
    """Whether clicks are counted, of topics that do not say; never of critical ones."""

    feed_origins: Annotated[frozenset[str], NoDecode] = frozenset()
    """Origins whose pages may read the feed from a browser (CORS); comma-separated."""

    console_port: int = 8501
    """Port of the console."""

    secret_key: SecretStr = SecretStr("")
    """Signs links, cookies and feed tokens; empty: generated into the data directory."""

    old_secret_keys: SecretStr = SecretStr("")
    """Keys that signed before `secret_key`; links in old mails stay good. Comma-separated."""

    preferences_link_days: int = Field(default=400, ge=1, le=3650)
    """Days a mail's link to its recipient's preferences is good; unsubscribe links do not end."""

    feedback_secret: SecretStr = SecretStr("")
    """Signs feedback in our own words (Standard Webhooks, `whsec_…`); comma-separated."""

    sns_topics: SecretStr = SecretStr("")
    """ARNs of the SNS topics through which Amazon SES may tell us something; comma-separated."""

    sqs_url: str = ""
    """Queue of Amazon SES's events that `tidings feedback sqs` empties; empty: none."""

    sqs_region: str = ""
    """Its region; empty: as AWS's own environment or its URL says."""

    sqs_endpoint: str = ""
    """Where it is asked instead of at its own host, e.g. a private endpoint."""

    sendgrid_key: SecretStr = SecretStr("")
    """Public key of SendGrid's signed event webhook; comma-separated."""

    mailgun_key: SecretStr = SecretStr("")
    """Mailgun's HTTP webhook signing key; comma-separated."""

    postmark_login: SecretStr = SecretStr("")
    """`user:password` that Postmark's webhook sends (basic auth); comma-separated."""

    resend_secret: SecretStr = SecretStr("")
    """Signing secret of Resend's webhook (`whsec_…`); comma-separated."""

    @field_validator("old_secret_keys")
    @classmethod
    def _are_keys(cls, value: SecretStr) -> SecretStr:
        if any(len(key) < SHORTEST_KEY for key in _parts(value.get_secret_value())):
            raise ValueError(f"each key has at least {SHORTEST_KEY} characters")
        return value

    @field_validator("sending_ips", mode="before")
    @classmethod
    def _are_addresses(cls, value: object) -> object:
        return tuple(map(ip_address, _parts(value))) if isinstance(value, str) else value

    @field_validator("dns_servers", mode="before")
    @classmethod
    def _are_servers(cls, value: object) -> object:
        return tuple(map(_server, _parts(value))) if isinstance(value, str) else value

    @field_validator("allow_to", "feed_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return frozenset(part.lower() for part in _parts(value))
        return value

    @property
    def older_keys(self) -> tuple[bytes, ...]:
        """The keys whose links are still honoured."""
        return tuple(key.encode() for key in _parts(self.old_secret_keys.get_secret_value()))

    @property
    def preferences_link_lifetime(self) -> timedelta:
        """How long a mail's link to its recipient's preferences is good."""
        return timedelta(days=self.preferences_link_days)

    @property
    def webhook_secrets(self) -> dict[str, tuple[str, ...]]:
        """What each vendor signs with, by the key of its webhook."""
        secrets = {
            "generic": self.feedback_secret,
            "amazon_ses": self.sns_topics,
            "sendgrid": self.sendgrid_key,
            "mailgun": self.mailgun_key,
            "postmark": self.postmark_login,
            "resend": self.resend_secret,
        }
        return {key: tuple(_parts(each.get_secret_value())) for key, each in secrets.items()}

    @property
    def uses_mailbox(self) -> bool:
        """Whether mail goes to the local mailbox, which is free to use in any environment."""
        return not self.smtp_url.get_secret_value()

    @property
    def public_url(self) -> str:
        """Base of the links in messages, without a trailing slash."""
        return (self.api_url or f"http://localhost:{self.api_port}").rstrip("/")
