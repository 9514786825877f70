"""Who may receive what leaves this installation. Pure."""

from delivery.ports import Rules
from delivery.settings import DeliverySettings, Environment


def rules_of(settings: DeliverySettings) -> Rules:
    """Outside production, and for test events, the allow-list alone."""
    everybody = settings.environment is Environment.PRODUCTION
    return Rules(None if everybody else settings.allow_to, settings.allow_to)


def allows(allowed: frozenset[str], address: str) -> bool:
    """Whether an allow-list names an address, or its domain."""
    address = address.lower()
    return bool({address, address.rpartition("@")[2]} & allowed)
