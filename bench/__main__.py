"""`make bench`: ours beside its peers in one run, as ratios with their targets.

    python -m bench [--rounds N] [--scale X] [--recipients N] [--only NAME …]

Absolute figures are of this machine and moment; the ratios are what counts. Results go to
`bench/results/` as JSON, one file a run.
"""

import argparse
import json
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import smtp
from bench.benchmarks import Target, benchmarks
from bench.ground import standing
from bench.measure import Result, interleave

_RESULTS = Path(__file__).parent / "results"


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
        if target.than:
            found = result.ratio(target.ours, target.than, target.figure)
        else:
            found = result.spread(target.ours, target.figure)
        better, sign = (-1, "≤") if target.at_most else (1, "≥")
        share = (found.median / target.value) ** better
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
    parser.add_argument("--recipients", type=int, default=20_000, help="whom everything knows")
    parser.add_argument("--only", nargs="*", help="names of benchmarks")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    kept = {}
    with smtp.sink() as (sink, port), standing(options.recipients) as ground:
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
