"""The settings the console needs, read once a process."""

from functools import cache

from dashboard.door.settings import DoorSettings
from delivery.settings import DeliverySettings
from models.pseudonyms import Pseudonyms
from models.secret import secret_key
from models.settings import DatabaseSettings
from models.urls import configured_url


@cache
def delivery() -> DeliverySettings:
    """The environment, the ports and the sender."""
    return DeliverySettings()


@cache
def door() -> DoorSettings:
    """How people come in."""
    return DoorSettings()


@cache
def database_url() -> str:
    """Where the database is; starts the bundled one when none is named."""
    return configured_url()


def pseudonyms() -> Pseudonyms:
    """How people who were erased are known again."""
    return Pseudonyms((secret(), *delivery().older_keys))


@cache
def secret() -> bytes:
    """The key that signs cookies."""
    database = DatabaseSettings()
    return secret_key(
        delivery().secret_key.get_secret_value(),
        database.data_dir,
        bundled=not database.database_url,
    )
