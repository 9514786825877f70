"""What the installation's secret makes, for commands that have no worker's runtime."""

from delivery.settings import DeliverySettings
from models.pseudonyms import Pseudonyms
from models.secret import secret_key
from models.settings import DatabaseSettings


def pseudonyms() -> Pseudonyms:
    """How people who were erased are known again.

    Raises:
        ValueError: The secret is required and missing, or too short to be safe.
    """
    stored, settings = DatabaseSettings(), DeliverySettings()
    configured = settings.secret_key.get_secret_value()
    secret = secret_key(configured, stored.data_dir, bundled=not stored.database_url)
    return Pseudonyms((secret, *settings.older_keys))
