"""What a decision looks at, of many recipients at once: one statement a kind, whoever asks."""

from collections.abc import Collection, Mapping

from models.queries.sending import facts
from models.query import Story
from models.records import Catalog, Choices, Chosen, Facts, Ledger, Profile

_BLANK = Ledger()
_NOTHING = Chosen()


def known(
    catalog: Catalog,
    recipients: Collection[str],
    channels: Collection[str],
    profiles: Mapping[str, Profile],
    ledgers: Mapping[str, Ledger],
) -> Story[dict[str, Facts]]:
    """The facts of these recipients.

    Args:
        catalog: Configuration as it stands.
        recipients: Whom something is decided for.
        channels: Over which.
        profiles: Those who are known.
        ledgers: Locked ones where somebody acts on what is decided.
    """
    outside = sorted({*channels} - {"in_app"})
    addresses = (yield facts.addresses(recipients, outside)) if outside else {}
    chosen = yield facts.preferences(recipients)
    orgs = yield from _org_preferences(catalog, profiles)
    found: dict[str, Facts] = {}
    for recipient in recipients:
        profile, own = profiles.get(recipient), chosen.get(recipient, _NOTHING)
        found[recipient] = Facts(
            profile,
            addresses.get(recipient, {}),
            own.choices,
            ledgers.get(recipient, _BLANK),
            own.snoozed_until,
            orgs.get(profile.org, {}) if profile and profile.org else {},
            catalog.categories,
        )
    return found


def _org_preferences(
    catalog: Catalog, profiles: Mapping[str, Profile]
) -> Story[Mapping[str, Choices]]:
    """What the organisations of these people want; asked only where any wants something."""
    orgs = {profile.org for profile in profiles.values() if profile.org}
    if not (catalog.orgs_choose and orgs):
        return {}
    wanted: Mapping[str, Choices] = yield facts.org_preferences(orgs)
    return wanted
