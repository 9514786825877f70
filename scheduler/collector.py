"""Python's garbage collector, in processes that make thousands of objects and hardly a cycle."""

import gc

_YOUNG = 50_000
"""New objects after which it looks for cycles."""


def spare() -> None:
    """Let it pass over what lives as long as we do, and look seldom: 10 to 40 % of the CPU."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
