"""The overview's tiles, made of figures. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from dashboard.components.tiles import Tile
from dashboard.page import Query
from dashboard.showing import figures
from dashboard.showing.figures import IN_APP, History, Queue
from dashboard.showing.spans import EVER, WORDS, Span
from dashboard.showing.words import duration, label, milliseconds, number, per_cent
from delivery.reputation.sentences import UNHEARD
from models.states import DeliveryState as D

BOUNCES_OVER = 0.05
"""Share of bounces above which large mailbox providers begin to refuse a sender."""


def tiles_of(span: Span, history: History, queue: Queue) -> list[Tile]:
    """The eight tiles, the most looked at first."""
    return [
        _queued(history, queue),
        _speed(span, history, queue),
        _latency(span, history),
        _sent(span, history),
        _bounced(span, history),
        _doubt(span, history, queue),
        _held(queue),
        _failed(span, history),
    ]


def _asked(since: str, *states: str) -> Query:
    return {"state": [label(state) for state in states], "since": [since]}


def _queued(history: History, queue: Queue) -> Tile:
    oldest = queue.oldest_due
    return Tile(
        key="queue",
        title="In the queue",
        value=number(queue.depth),
        note=f"oldest due {duration(oldest)} ago" if oldest else "nothing is due",
        icon=":material/inbox:",
        explanation="what waits and what is being sent",
        course=figures.depths(history, queue.depth),
        colour="orange" if oldest and oldest > timedelta(minutes=1) else "primary",
        query=_asked(EVER, D.SCHEDULED, D.SENDING),
    )


def _speed(span: Span, history: History, queue: Queue) -> Tile:
    counts = figures.series(history.period, history.flows, figures.entered(D.SENT))
    running = (queue.now - (history.period.until - history.period.step)) / history.period.step
    minute = history.period.step / timedelta(minutes=1)
    mean = figures.per_minute(counts, history.period.step, min(max(running, 0.0), 1.0))
    peak = max(counts, default=0) / minute
    return Tile(
        key="speed",
        title="Sends a minute",
        value=f"{mean:,.1f}" if 0 < mean < 10 else number(mean),  # noqa: PLR2004
        note=f"peak {number(peak)}",
        icon=":material/speed:",
        explanation="what was sent last",
        course=[count / minute for count in counts[:-1]],
        shape="bar",
        query=_asked(span, D.SENT, D.DELIVERED),
    )


def _latency(span: Span, history: History) -> Tile:
    whole = figures.overall(history)
    by_bin = figures.histograms(history)
    course = [figures.quantile(by_bin[at], 0.95) or 0.0 for at in sorted(by_bin)]
    return Tile(
        key="latency",
        title="Commit → sent, p95",
        value=milliseconds(figures.quantile(whole, 0.95)),
        note=f"median {milliseconds(figures.quantile(whole, 0.5))}",
        icon=":material/timer:",
        explanation="what was sent last",
        course=course,
        shape="line",
        query=_asked(span, D.SENT, D.DELIVERED),
    )


def _sent(span: Span, history: History) -> Tile:
    sent = figures.series(history.period, history.flows, figures.entered(D.SENT))
    delivered = sum(figures.series(history.period, history.flows, figures.entered(D.DELIVERED)))
    return Tile(
        key="sent",
        title=f"Sent in {WORDS[span]}",
        value=number(sum(sent)),
        note=f"{number(delivered)} confirmed delivered" if delivered else UNHEARD,
        icon=":material/mark_email_read:",
        explanation="what was sent",
        course=sent[:-1],
        colour="green",
        query=_asked(span, D.SENT, D.DELIVERED),
    )


def _bounced(span: Span, history: History) -> Tile:
    outside = {"outside": IN_APP}
    bounced = figures.series(history.period, history.flows, figures.entered(D.BOUNCED, **outside))
    # What comes back later was handed over once: in all these states together it counts once.
    handed_over = figures.staying(D.SENT, D.DELIVERED, D.BOUNCED, **outside)
    sent = figures.series(history.period, history.flows, handed_over)
    share = sum(bounced) / sum(sent) if sum(sent) else 0.0
    heard = sum(figures.series(history.period, history.flows, figures.entered(D.DELIVERED)))
    is_known = bool(heard or sum(bounced))
    return Tile(
        key="bounced",
        title="Bounce rate",
        value=per_cent(share) if is_known else "–",
        note=f"{number(sum(bounced))} bounced" if is_known else UNHEARD,
        icon=":material/undo:",
        explanation="what bounced",
        course=figures.rates(bounced, sent),
        shape="line",
        colour="red" if share > BOUNCES_OVER else "primary",
        query=_asked(span, D.BOUNCED),
    )


def _doubt(span: Span, history: History, queue: Queue) -> Tile:
    came = figures.series(history.period, history.flows, figures.entered(D.IN_DOUBT))
    return Tile(
        key="doubt",
        title="In doubt",
        value=number(queue.in_doubt),
        note=f"{number(sum(came))} fell in doubt in {WORDS[span]}",
        icon=":material/help:",
        explanation="what may or may not have arrived",
        course=came,
        shape="bar",
        colour="orange" if queue.in_doubt else "primary",
        target="doubt",
    )


def _held(queue: Queue) -> Tile:
    held = queue.held
    return Tile(
        key="held",
        title="Held",
        value=number(sum(held.values())),
        note=_commonest(held.most_common(2)) or "nothing is held",
        icon=":material/pause_circle:",
        explanation="what waits for its time; the course is when it comes due, over 24 hours",
        course=figures.release_course(queue),
        shape="bar",
        query=_asked(EVER, D.SCHEDULED),
    )


def _commonest(held: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{label(reason).lower()} {number(rows)}" for reason, rows in held)


def _failed(span: Span, history: History) -> Tile:
    failed = figures.series(history.period, history.flows, figures.entered(D.FAILED))
    skipped = sum(figures.series(history.period, history.flows, figures.entered(D.SKIPPED)))
    return Tile(
        key="failed",
        title="Failed",
        value=number(sum(failed)),
        note=f"{number(skipped)} skipped on purpose",
        icon=":material/error:",
        explanation="what failed",
        course=failed,
        shape="bar",
        colour="red" if sum(failed) else "primary",
        query=_asked(span, D.FAILED),
    )
