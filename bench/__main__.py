"""`make bench`: ours beside its peers in one run, as ratios with their targets.

    python -m bench [--rounds N] [--scale X] [--only NAME …]

Absolute figures are of this machine and moment; the ratios are what counts. Results go to
`bench/results/` as JSON, one file a run.
"""

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench import child, emission, latency, pipeline, raw_loop, smtp
from bench.ground import Ground, standing
from bench.measure import Contenders, Result, interleave
from bench.population import NOTE, ORDER
from bench.worker import Setting

_RECIPIENTS = 20_000
_RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Target:
    """What a ratio of two contenders should be at least, or a figure of one at most."""

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


def _rows(base: int, scale: float) -> int:
    return max(int(base * scale), 20)


def _planning(ground: Ground, scale: float) -> Contenders:
    rows = _rows(12_000, scale)
    return {
        "tidings": partial(pipeline.plan, ground, NOTE, rows),
        "raw loop": partial(raw_loop.run, ground, rows),
    }


def _feed(ground: Ground, scale: float) -> Contenders:
    def peer(module: str, *before: object, jobs: int) -> Callable[[], smtp.Figures]:
        def run() -> smtp.Figures:
            with ground.database("template0") as url:
                return child.run(module, *before, url, ground.postmaster, jobs)

        return run

    return {
        "tidings": partial(pipeline.outbox_to_end, ground, NOTE, _rows(12_000, scale), Setting()),
        "procrastinate": peer("bench.peers.procrastinate", jobs=_rows(2_000, scale)),
        "pgqueuer": peer("bench.peers.pgqueuer", "process", jobs=_rows(12_000, scale)),
    }


def _mail(ground: Ground, scale: float, port: int, how: str) -> Contenders:
    rows = _rows(8_000, scale)

    def ordinary() -> smtp.Figures:
        with ground.database("template0") as url:
            mails = _rows(1_000, scale)
            return child.run("bench.peers.ordinary", url, ground.postmaster, mails, port, how)

    def source() -> smtp.Figures:
        sent = smtp.run_source(port, rows)
        return {"per second": sent["messages/s"], "worker µs": sent["CPU µs"]}

    ours = {
        f"tidings, {n} process": partial(pipeline.due_to_end, ground, ORDER, rows, Setting(port, n))
        for n in (1, 2)
    }
    raw = {smtp.SOURCE: source} if smtp.has_source() else {}
    return {**raw, **ours, "ordinary": ordinary}


def _emission(ground: Ground, scale: float) -> Contenders:
    rows = _rows(40_000, scale)

    def pgqueuer() -> smtp.Figures:
        with ground.database("template0") as url:
            return child.run("bench.peers.pgqueuer", "enqueue", url, ground.postmaster, rows)

    return {"tidings": partial(emission.run, ground, rows), "pgqueuer": pgqueuer}


def _latency(ground: Ground, scale: float) -> Contenders:
    return {"tidings": partial(latency.run, ground, _rows(150, scale))}


_RATE, _ONE = "per second", "tidings, 1 process"


def benchmarks(port: int) -> dict[str, Benchmark]:
    """All of them, by name; mail goes to a sink on `port`."""
    mail = (
        Target(_RATE, _ONE, smtp.SOURCE, 0.40),
        Target(_RATE, "tidings, 2 process", smtp.SOURCE, 0.55),
        Target(_RATE, _ONE, "ordinary", 8),
        Target("worker µs", _ONE, "", 200, at_most=True),
    )
    feed = (Target(_RATE, "tidings", "procrastinate", 8), Target(_RATE, "tidings", "pgqueuer", 0.5))
    waits = (
        Target("p50 ms", "tidings", "", 40, at_most=True),
        Target("p99 ms", "tidings", "", 150, at_most=True),
    )
    return {
        "planning": Benchmark(_planning, (Target(_RATE, "tidings", "raw loop", 0.5),)),
        "in-app": Benchmark(_feed, feed),
        "e-mail": Benchmark(partial(_mail, port=port, how="none"), mail),
        "bulk emit": Benchmark(_emission, (Target(_RATE, "tidings", "pgqueuer", 2.5),)),
        "commit to handed over": Benchmark(_latency, waits),
    }


def lines(result: Result) -> Iterator[str]:
    """Every figure of every contender: median, lowest and highest."""
    for contender, runs in result.runs.items():
        for figure in runs[0]:
            spread = result.spread(contender, figure)
            yield (
                f"  {contender:20} {figure:12} {spread.median:>10.1f}"
                f"   {spread.low:.1f} to {spread.high:.1f}"
            )


def verdicts(result: Result, targets: tuple[Target, ...]) -> Iterator[str]:
    """How each ratio stands to its target, and to half of it."""
    for target in targets:
        if target.ours not in result.runs or (target.than and target.than not in result.runs):
            continue
        if target.at_most:
            found = result.spread(target.ours, target.figure)
            share, sign = target.value / found.median, "≤"
        else:
            found = result.ratio(target.ours, target.than, target.figure)
            share, sign = found.median / target.value, "≥"
        than = f" / {target.than}" if target.than else ""
        reached = "reached" if share >= 1 else "half reached" if share >= 0.5 else "missed"
        yield (
            f"  → {target.figure} of {target.ours}{than}: {found.median:.2f}"
            f" ({found.low:.2f} to {found.high:.2f}), target {sign} {target.value:g}: {reached}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each contender, in turn")
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of rows")
    parser.add_argument("--only", nargs="*", help="names of benchmarks")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    kept = {}
    with smtp.sink() as (sink, port), standing(_RECIPIENTS) as ground:
        print(f"mail goes to {sink}")
        for name, benchmark in benchmarks(port).items():
            if options.only and name not in options.only:
                continue
            contenders = benchmark.contenders(ground, options.scale)
            result = interleave(name, contenders, options.rounds)
            print(f"\n{name} ({options.rounds} rounds)", *lines(result), sep="\n")
            print(*verdicts(result, benchmark.targets), sep="\n", flush=True)
            kept[name] = result.runs
    _RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    (_RESULTS / f"{stamp}.json").write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
