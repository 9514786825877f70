"""What a run showed, as a table for people and as JSON."""

from collections.abc import Iterator
from typing import Any

from tests.chaos.run import TICK, Result


def table(result: Result) -> str:
    """The promises, and what was done to break them; Markdown."""
    return "\n".join(f"| {what} | {figure} |" for what, figure in (*_HEAD, *_rows(result)))


_HEAD = (("what", "figure"), ("---", "---"))


def _rows(result: Result) -> Iterator[tuple[str, str]]:
    said, found, toll = result.producer, result.findings, result.toll
    plan = result.plan
    yield "seed, workers, lease", f"{plan.seed}, {len(plan.acts)}, {plan.lease:g} s"
    yield "events committed (rolled back)", f"{said.events:,} ({said.taken_back:,})"
    yield "messages asked for", f"{len(said.said):,}"
    yield "**lost**", f"**{len(found.lost)}**"
    yield "**unexpected**", f"**{len(found.unexpected)}**"
    yield "**accepted twice** (times a row was in doubt)", f"**{found.twice}** ({found.in_doubt})"
    yield "**accepted twice under `hold`**", f"**{len(found.twice_held)}**"
    yield (
        f"held longest after the lease ended (a tick is {TICK:g} s)",
        f"{result.overdue:.1f} s",
    )
    yield "slowest end after SIGTERM", f"{toll.slowest_stop:.1f} s"
    yield "Postgres killed (longest outage)", _outages(result)
    for (blow, step), times in sorted(toll.blows.items()):
        yield f"{blow} {step}", str(times)
    for fault, times in sorted(result.faults.items()):
        yield f"mail server: {fault}", f"{times:,}"
    for end, times in sorted(found.ends.items()):
        yield f"ended *{end}*", f"{times:,}"


def _outages(result: Result) -> str:
    longest = max(result.outages, default=0.0)
    return f"{len(result.outages)} ({longest:.1f} s)"


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
