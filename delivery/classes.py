"""What each class of news may pass by, and what becomes of it when nobody can tell. Pure.

One table; docs/lifecycle.md shows the same one, and a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.reasons import Explained
from models.records import Class


class Gate(Explained):
    """One thing that may stand in the way of a delivery."""

    SUPPRESSION = "suppression", "a suppressed address"
    CHOICE = "choice", "a category that is off for the channel: by choice, by org or by default"
    MUTE = "mute", "a mute of everything or of the channel"
    SNOOZE = "snooze", "a snooze"
    QUIET_HOURS = "quiet_hours", "quiet hours and send windows"
    CAPS = "caps", "frequency caps"
    DIGEST = "digest", "being collected into a digest"
    THROTTLE = "throttle", "its topic's throttle"
    REPUTATION = "reputation", "a pause for our reputation with receivers"
    SWITCH = "switch", "a kill switch on its channel or campaign"


class Pass(Explained):
    """How a class gets past a gate."""

    ALWAYS = "always", "passes"
    UNLESS_NAMED = "unless_named", "passes, unless a rule names its class"
    IF_MANDATORY = "if_mandatory", "passes if its topic is mandatory"
    NEVER = "never", "waits or is skipped"


class Unreadable(Explained):
    """What becomes of deliveries while configuration or switches cannot be read."""

    GOES = "goes", "goes on by what was known last"
    WAITS = "waits", "waits after 30 s"


@dataclass(frozen=True, slots=True)
class Rights:
    """What one class may do; a gate that is not named stops it."""

    passes: Mapping[Gate, Pass]
    unreadable: Unreadable


CLASSES: Mapping[Class, Rights] = {
    Class.CRITICAL: Rights(
        {
            Gate.CHOICE: Pass.IF_MANDATORY,
            Gate.MUTE: Pass.ALWAYS,
            Gate.SNOOZE: Pass.ALWAYS,
            Gate.QUIET_HOURS: Pass.ALWAYS,
            Gate.CAPS: Pass.ALWAYS,
            Gate.DIGEST: Pass.ALWAYS,
            Gate.THROTTLE: Pass.ALWAYS,
            Gate.REPUTATION: Pass.ALWAYS,
            Gate.SWITCH: Pass.ALWAYS,
        },
        Unreadable.GOES,
    ),
    Class.TRANSACTIONAL: Rights(
        {
            Gate.CHOICE: Pass.IF_MANDATORY,
            Gate.MUTE: Pass.IF_MANDATORY,
            Gate.SNOOZE: Pass.IF_MANDATORY,
            Gate.QUIET_HOURS: Pass.UNLESS_NAMED,
            Gate.CAPS: Pass.UNLESS_NAMED,
            Gate.REPUTATION: Pass.ALWAYS,
        },
        Unreadable.WAITS,
    ),
    Class.PROMOTIONAL: Rights({}, Unreadable.WAITS),
}


def how(klass: Class, gate: Gate) -> Pass:
    """How a class gets past a gate."""
    return CLASSES[klass].passes.get(gate, Pass.NEVER)


def passes(klass: Class, gate: Gate, *, mandatory: bool = False, named: bool = False) -> bool:
    """Whether a delivery gets past a gate.

    Args:
        klass: Its topic's class.
        gate: What stands in the way.
        mandatory: Whether its topic is mandatory.
        named: Whether the rule that stands there names the class.
    """
    match how(klass, gate):
        case Pass.ALWAYS:
            return True
        case Pass.UNLESS_NAMED:
            return not named
        case Pass.IF_MANDATORY:
            return mandatory
        case Pass.NEVER:
            return False


BLIND = frozenset(
    klass for klass, rights in CLASSES.items() if rights.unreadable is Unreadable.WAITS
)
"""The classes that wait while nobody can tell what is forbidden."""
