"""What lifting suppressions would send, in words. Pure."""

from datetime import timedelta

from models.readings.suppressions import Lifting

LOOKS_BACK = timedelta(days=30)
"""How far back skipped deliveries are counted."""


def sentence(would: Lifting) -> str:
    """What becomes true, what goes by that, what does not."""
    if not would.recipients:
        return f"No recipient is reached there, so nothing would go.{_others(would)}"
    people = _number(would.recipients, "recipient is", "recipients are")
    waiting = (
        f"{_number(would.waiting, 'delivery that waits', 'deliveries that wait')} would find the"
        " address free"
        if would.waiting
        else "nothing waits for them"
    )
    skipped = _number(would.skipped, "delivery was", "deliveries were")
    return (
        f"{people} reached there: {waiting}. In the last {LOOKS_BACK.days} days {skipped} skipped"
        f" for it; lifting sends none of them.{_others(would)}"
    )


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _others(would: Lifting) -> str:
    if not would.others:
        return ""
    stop = _number(would.others, "other suppression stops", "other suppressions stop")
    return f" {stop} the address still."
