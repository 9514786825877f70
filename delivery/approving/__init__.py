"""What somebody else has to look at before it takes effect: who, how many, of what. Pure."""

from delivery.approving.fingerprints import covers, fingerprint
from delivery.approving.people import is_enough, objection, others
from delivery.approving.standing import is_usable, standing
from delivery.approving.thresholds import (
    BUILT_IN,
    Threshold,
    Thresholds,
    ThresholdsError,
    in_force,
    needed,
    read,
    read_toml,
    sentence,
)

__all__ = [
    "BUILT_IN",
    "Threshold",
    "Thresholds",
    "ThresholdsError",
    "covers",
    "fingerprint",
    "in_force",
    "is_enough",
    "is_usable",
    "needed",
    "objection",
    "others",
    "read",
    "read_toml",
    "sentence",
    "standing",
]
