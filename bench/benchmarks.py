"""Every benchmark: who takes part, and what is asked of the result (docs/performance.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from bench import contenders, history, smtp
from bench.contenders import (
    APART,
    AT_ONCE,
    FOLDED,
    LITTLE,
    MANY,
    MUCH,
    NONE,
    ONE,
    RATE,
    TAKEN,
    TWO,
)
from bench.ground import Ground
from bench.measure import Contenders


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure of one contender, or its ratio to another's, should be.

    Attributes:
        than: The other contender; empty: the figure itself counts.
        value: At least so much, or at most.
    """

    figure: str
    ours: str
    than: str
    value: float
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Who takes part, and what is asked of the result."""

    contenders: Callable[[Ground, float], Contenders]
    targets: tuple[Target, ...]


def benchmarks(port: int) -> Mapping[str, Benchmark]:
    """All of them, by name; mail goes to a sink on `port`."""
    return {
        **_pipeline(port),
        **_promptness(),
        **_long_history(),
        **_returns(),
        **_ahead(),
        **_console(port),
    }


def _pipeline(port: int) -> Mapping[str, Benchmark]:
    mail = (
        Target(RATE, ONE, smtp.SOURCE, 0.40),
        Target(RATE, TWO, smtp.SOURCE, 0.55),
        Target(RATE, ONE, "ordinary", 8),
        Target("worker µs", ONE, "", 200, at_most=True),
        Target("MB", ONE, "", 150, at_most=True),
    )
    signed = (
        Target(RATE, "RSA-2048", smtp.SOURCE, 0.17),
        Target(RATE, "Ed25519", smtp.SOURCE, 0.32),
    )
    feed = (Target(RATE, "tidings", "procrastinate", 8), Target(RATE, "tidings", "pgqueuer", 0.5))
    return {
        "planning": Benchmark(contenders.planning, (Target(RATE, "tidings", "raw loop", 0.5),)),
        "in-app": Benchmark(contenders.in_app, feed),
        "e-mail": Benchmark(partial(contenders.mail, port=port), mail),
        "e-mail with DKIM": Benchmark(partial(contenders.signed, port=port), signed),
        "bulk emit": Benchmark(contenders.emitting, (Target(RATE, "tidings", "pgqueuer", 2.5),)),
        "fan-out": Benchmark(
            contenders.fanning_out, (Target(RATE, "tidings", "raw INSERT", 1 / 3),)
        ),
    }


def _promptness() -> Mapping[str, Benchmark]:
    waits = (
        Target("p50 ms", "by SQL", "", 40, at_most=True),
        Target("p99 ms", "by SQL", "", 150, at_most=True),
        Target("p50 ms", "by our API", "", 10, at_most=True),
        Target("p99 ms", "by our API", "", 40, at_most=True),
    )
    urgent = (
        Target("p99 ms", "much in the outbox", "idle", 2, at_most=True),
        Target("p99 ms", "much is due", "idle", 2, at_most=True),
    )
    return {
        "commit to handed over": Benchmark(contenders.handing_over, waits),
        "critical under load": Benchmark(contenders.critical, urgent),
    }


def _long_history() -> Mapping[str, Benchmark]:
    pages = tuple(Target(each, MUCH, LITTLE, 1.1, at_most=True) for each in history.NAMES)
    suppressed = (
        Target("claim", MANY, NONE, 1.1, at_most=True),
        Target("addresses", MANY, NONE, 1.1, at_most=True),
        Target("list ms", MANY, "", 300, at_most=True),
        Target("list, rare reason ms", MANY, "", 300, at_most=True),
        Target("search ms", MANY, "", 300, at_most=True),
    )
    return {
        "history": Benchmark(contenders.histories, pages),
        "suppressions": Benchmark(contenders.suppressing, suppressed),
    }


def _returns() -> Mapping[str, Benchmark]:
    rates = (Target(RATE, TAKEN, "", 5000), Target(RATE, FOLDED, "", 2000))
    flood = (Target("p99 ms", "flooded", "idle", 2, at_most=True),)
    return {
        "feedback": Benchmark(contenders.feeding_back, rates),
        "sends under a flood of feedback": Benchmark(contenders.flooding, flood),
    }


def _ahead() -> Mapping[str, Benchmark]:
    within = Target("1 M s", "at once", "", 60, at_most=True)
    launched = (
        Target(RATE, ONE, "raw INSERT", 1 / 3),
        Target(RATE, TWO, "raw INSERT", 1 / 3),
        Target("launch ms", ONE, "", 1000, at_most=True),
    )
    return {
        "pre-flight": Benchmark(contenders.foretelling, (within,)),
        "campaign fan-out": Benchmark(contenders.launching, launched),
    }


def _console(port: int) -> Mapping[str, Benchmark]:
    patience = (
        Target("p95 s", APART, "", 1, at_most=True),
        Target("slowest s", AT_ONCE, "", 2.5, at_most=True),
        Target("MB", AT_ONCE, "", 350, at_most=True),
    )
    return {"console": Benchmark(partial(contenders.clicking, port=port), patience)}
