"""What a run showed, as a table for people and as JSON."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.chaos.run import TICK, Result
from tests.chaos.workers import Blow

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
PLACE = re.compile(r"(?<=<!-- chaos: begin -->\n).*?(?=<!-- chaos: end -->)", re.DOTALL)


def table(result: Result) -> str:
    """The promises, and what was done to break them; Markdown."""
    rows = [("what", "figure"), ("---", "---"), *_promises(result), *_troubles(result)]
    return "\n".join(f"| {what} | {figure} |" for what, figure in rows)


def _promises(result: Result) -> Iterator[tuple[str, str]]:
    said, found = result.producer, result.findings
    yield "events committed, in messages", f"{said.events:,}, {len(said.said):,}"
    yield "**lost**", f"**{len(found.lost)}**"
    yield "**unexpected** (also of transactions that rolled back)", f"**{len(found.unexpected)}**"
    yield "**accepted twice under `hold`**", f"**{len(found.twice_held)}**"
    yield "accepted twice under `resend`", f"{found.twice:,}"
    yield "times a row was in doubt: the bound of the line above", f"{found.in_doubt:,}"
    yield (
        f"longest that a row was held after its lease ended; a tick is {TICK:g} s",
        f"{result.overdue:.1f} s",
    )
    yield "slowest end after SIGTERM; 30 s are promised", f"{result.toll.slowest_stop:.1f} s"


def _troubles(result: Result) -> Iterator[tuple[str, str]]:
    plan, toll = result.plan, result.toll
    yield "events of transactions that rolled back", f"{result.producer.taken_back:,}"
    longest = max(result.outages, default=0.0)
    yield "Postgres, kill -9", f"{len(result.outages)} times, away for {longest:.1f} s at most"
    for blow in Blow:
        steps = {step: times for (each, step), times in toll.blows.items() if each == blow}
        yield f"workers, {blow}", _listed(steps)
    yield "mail server", _listed(result.faults)
    yield "messages ended", _listed(result.findings.ends)
    how = f"seed {plan.seed}, {len(plan.acts)} workers, leases of {plan.lease:g} s"
    yield "the run", f"{how}, {result.seconds / 60:.0f} minutes"


def _listed(figures: Mapping[str, int]) -> str:
    return "; ".join(f"{what}: {times:,}" for what, times in Counter(figures).most_common())


def write_down(result: Result) -> None:
    """Put the table into the page on guarantees."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(PLACE.sub(lambda _: f"{table(result)}\n", page), encoding="utf-8")


def figures(result: Result) -> dict[str, Any]:
    """The same for machines."""
    found, toll = result.findings, result.toll
    return {
        "seed": result.plan.seed,
        "holds": result.holds,
        "seconds": round(result.seconds, 1),
        "events": result.producer.events,
        "rolled back": result.producer.taken_back,
        "messages": len(result.producer.said),
        "lost": found.lost[:100],
        "unexpected": found.unexpected[:100],
        "twice": found.twice,
        "twice under hold": found.twice_held[:100],
        "in doubt": found.in_doubt,
        "overdue": round(result.overdue, 2),
        "left": result.left,
        "slowest stop": round(toll.slowest_stop, 1),
        "died": toll.died,
        "outages": [round(outage, 2) for outage in result.outages],
        "blows": {f"{blow} {step}": times for (blow, step), times in sorted(toll.blows.items())},
        "faults": result.faults,
        "ends": dict(found.ends),
    }
