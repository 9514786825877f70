"""The CPU a fill may take: it is broken off by a timer, in the main thread."""

import gc
import signal
from functools import cache
from types import FrameType

from delivery.messages import Content
from delivery.rendering.fill import Template, fill
from delivery.rendering.sandbox import Context

QUICK = 0.050
"""Seconds of CPU a fill may take in the worker."""

_AGAIN = 0.01
"""Seconds of CPU until it rings again: Python swallows what is raised in a weakref's callback."""


class OverBudgetError(BaseException):
    """The CPU time is used up; no `Exception`, so that nothing inside a fill can catch it."""


def fill_quickly(template: Template, context: Context, seconds: float = QUICK) -> Content:
    """Fill in this process, in the main thread.

    Raises:
        OverBudgetError: It takes more CPU than that.
        RenderingError: The template cannot be filled.
    """
    _listen()
    # A collection in here would be on the template's bill, and one broken off by the timer would
    # leave half done whatever others have done when their objects go.
    gc.disable()
    try:
        return _timed(template, context, seconds)
    finally:
        gc.enable()


def _timed(template: Template, context: Context, seconds: float) -> Content:
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN)
    try:
        return fill(template, context)
    finally:
        _disarm()


def _disarm() -> None:
    """Stop the timer, also when it rings just now."""
    while True:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        except OverBudgetError:
            continue
        return


@cache
def _listen() -> None:
    """Once a process: asking each time who listens takes longer than the timer itself."""
    signal.signal(signal.SIGVTALRM, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise OverBudgetError
