"""How a database is reached: its URL, and what our sessions ask for."""

import re
from typing import Any

from models.embedded import ensure_running
from models.settings import DatabaseSettings


def configured_url() -> str:
    """The database of the settings; starts the bundled server when none is named."""
    settings = DatabaseSettings()
    if settings.database_url:
        return settings.database_url
    return ensure_running(settings.data_dir, settings.postgres_bin).url


def sqlalchemy_url(url: str) -> str:
    """A libpq URL as SQLAlchemy wants it, with the driver named."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgresql", "postgres"} else url


def libpq_url(url: str) -> str:
    """The URL without the name of a driver, which only SQLAlchemy reads."""
    return re.sub(r"^postgres(ql)?\+\w+:", "postgresql:", url)


def parameters(application: str, **options: str) -> dict[str, Any]:
    """What a connection asks for, whoever opens it; `options` are further server settings."""
    # A generic plan of a routed statement would visit every shard: see docs/scale.md.
    # What is read here lies in memory: a page out of turn costs hardly more than the next one.
    settings = {
        "plan_cache_mode": "force_custom_plan", "random_page_cost": "1.1", "timezone": "UTC",
        "jit": "off",  # compiling a statement over many days takes longer than running it
        **options,
    }  # fmt: skip
    return {
        "application_name": application,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
        "connect_timeout": 10,
        "keepalives_idle": 15,
    }
