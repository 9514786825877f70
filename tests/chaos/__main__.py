"""`make chaos`: crash everything under load, then compare what arrived with what was promised.

    python -m tests.chaos [--events N] [--seed N] [--minutes N] [--workers N]

The same seed gives the same events, faults and blows; when they meet is up to the machine.
Results go to `bench/results/` as JSON; the exit status says whether every promise was kept.
"""

import argparse
import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import uvloop

from tests.chaos.report import figures, table, write_down
from tests.chaos.run import Plan, run
from tests.chaos.workers import deck

_RESULTS = Path(__file__).parents[2] / "bench" / "results"


def main() -> int:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=400.0, help="most events a second")
    parser.add_argument("--minutes", type=float, default=120.0, help="most minutes of events")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="keep logs, ledger and database")
    parser.add_argument("--write", action="store_true", help="show it in docs/guarantees.md")
    options = parser.parse_args()
    acts = tuple(deck(Random(f"{options.seed} {n}")) for n in range(options.workers))
    folder = Path(tempfile.mkdtemp(prefix="tidings-chaos-"))
    print(f"in {folder}", flush=True)
    plan = Plan(
        options.seed, options.events, acts, per_second=options.rate,
        tells_within=options.minutes * 60,
    )  # fmt: skip
    result = uvloop.run(run(plan, folder))
    print(table(result))
    if options.write:
        write_down(result)
    _RESULTS.mkdir(exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    (_RESULTS / f"chaos-{stamp}.json").write_text(json.dumps(figures(result), indent=1))
    if result.holds and not options.keep:
        shutil.rmtree(folder)
    print("every promise kept" if result.holds else f"A PROMISE WAS BROKEN: see {folder}")
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main())
