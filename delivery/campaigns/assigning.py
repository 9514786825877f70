"""Who is held out, who goes first, who gets which variant: by stable hashes. Pure.

The same person of the same campaign gets the same answer for ever, in whichever run; the permanent
holdout does not even ask which campaign it is.
"""

from collections.abc import Sequence
from hashlib import sha256

from delivery.campaigns.body import CampaignBody, Variant
from models.reasons import Exclusion
from models.records import CampaignMember

CANARY, TEST, REST = 0, 1, 2
"""The stages of a step, in their order."""
_WHOLE = 1 << 64


def part(salt: str, recipient: str) -> float:
    """Where a recipient lies in what this salt divides: from 0 to 1, evenly, for ever."""
    hashed = sha256(f"{salt}\0{recipient}".encode()).digest()
    return int.from_bytes(hashed[:8], "big") / _WHOLE


def assign(body: CampaignBody, recipient: str, permanent: float) -> CampaignMember:
    """What a recipient of the audience gets.

    Args:
        body: The campaign.
        recipient: Whose place it is.
        permanent: The permanent holdout of the installation, in per cent.
    """
    stage = _stage(body, recipient)
    variant = "" if body.winner and stage == REST else variant_of(body, recipient)
    return CampaignMember(recipient, stage, variant, held_out(body, recipient, permanent))


def held_out(body: CampaignBody, recipient: str, permanent: float) -> Exclusion | None:
    """Which holdout a recipient is in, if any."""
    if permanent and part("holdout", recipient) * 100 < permanent:
        return Exclusion.GLOBAL_HOLDOUT
    if body.holdout and part(f"{body.key}/holdout", recipient) * 100 < body.holdout:
        return Exclusion.HOLDOUT
    return None


def stages(body: CampaignBody) -> list[int]:
    """The stages of each step of a campaign, in their order."""
    return [*([CANARY] if body.canary else []), *([TEST] if body.winner else []), REST]


def _stage(body: CampaignBody, recipient: str) -> int:
    if not (body.canary or body.winner):
        return REST
    place = part(f"{body.key}/stage", recipient) * 100
    canary = body.canary.share if body.canary else 0.0
    test = body.winner.share if body.winner else 0.0
    if place < canary:
        return CANARY
    return TEST if place < canary + test else REST


def variant_of(body: CampaignBody, recipient: str) -> str:
    """The variant a recipient's hash falls to, by their shares; empty where there is none."""
    if not body.variants:
        return ""
    place = part(f"{body.key}/variant", recipient) * sum(one.share for one in body.variants)
    return _at(body.variants, place)


def _at(variants: Sequence[Variant], place: float) -> str:
    for one in variants:
        place -= one.share
        if place < 0:
            return one.key
    return variants[-1].key
