"""Every benchmark: who takes part, and what is asked of the result (docs/performance.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench import (
    child,
    console,
    emission,
    fanout,
    feedback,
    flood,
    history,
    latency,
    pipeline,
    raw_loop,
    smtp,
    suppressions,
    urgent,
)
from bench.ground import Ground
from bench.measure import Contenders, Figures
from bench.population import NOTE, ORDER
from bench.worker import Setting


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


_RATE, _ONE, _TWO = "per second", "tidings, 1 process", "tidings, 2 processes"
_FAR, _FIVE_MS = "database 5 ms away", 0.005
_TAKEN, _FOLDED = "taken in", "folded"
_LITTLE, _MUCH = "a little history", "much history"
_APART, _AT_ONCE = "20 people, a click every 5 s", "20 people at once"
_NONE, _MANY = "none suppressed", "many suppressed"


def _rows(base: int, scale: float) -> int:
    return max(int(base * scale), 20)


def _planning(ground: Ground, scale: float) -> Contenders:
    rows = _rows(12_000, scale)
    return {
        "tidings": partial(pipeline.plan, ground, NOTE, rows),
        "raw loop": partial(raw_loop.run, ground, rows),
    }


def _feed(ground: Ground, scale: float) -> Contenders:
    def peer(module: str, *before: object, jobs: int) -> Callable[[], Figures]:
        def run() -> Figures:
            with ground.database("template0") as url:
                return child.run(module, *before, url, ground.postmaster, jobs)

        return run

    return {
        "tidings": partial(pipeline.outbox_to_end, ground, NOTE, _rows(12_000, scale), Setting()),
        "procrastinate": peer("bench.peers.procrastinate", jobs=_rows(2_000, scale)),
        "pgqueuer": peer("bench.peers.pgqueuer", "process", jobs=_rows(12_000, scale)),
    }


def _source(port: int, rows: int) -> Contenders:
    """The limit of the machine, where Postfix is here to show it."""

    def source() -> Figures:
        sent = smtp.run_source(port, rows)
        return {_RATE: sent["messages/s"], "worker µs": sent["CPU µs"]}

    return {smtp.SOURCE: source} if smtp.has_source() else {}


def _mail(ground: Ground, scale: float, port: int) -> Contenders:
    rows, mails = _rows(8_000, scale), _rows(1_000, scale)

    def ordinary() -> Figures:
        with ground.database("template0") as url:
            return child.run("bench.peers.ordinary", url, ground.postmaster, mails, port, "none")

    send = partial(pipeline.due_to_end, ground, ORDER, rows)
    return {
        **_source(port, rows),
        _ONE: partial(send, Setting(port, 1)),
        _TWO: partial(send, Setting(port, 2)),
        _FAR: partial(send, Setting(port, 1, away=_FIVE_MS)),
        "ordinary": ordinary,
    }


def _signed(ground: Ground, scale: float, port: int) -> Contenders:
    rows = _rows(4_000, scale)
    keys = {
        "rsa": rsa.generate_private_key(65537, 2048),
        "ed": ed25519.Ed25519PrivateKey.generate(),
    }

    def setting(name: str) -> Setting:
        pem = keys[name].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file: Path = ground.folder / f"{name}.pem"
        file.write_bytes(pem)
        dkim = {"DOMAIN": "shop.example.com", "SELECTOR": name, "KEY_FILE": str(file)}
        more = {f"TIDINGS_DKIM_{key}": value for key, value in dkim.items()}
        return Setting(port, more=more)

    send = partial(pipeline.due_to_end, ground, ORDER, rows)
    return {
        **_source(port, rows),
        "RSA-2048": partial(send, setting("rsa")),
        "Ed25519": partial(send, setting("ed")),
    }


def _emission(ground: Ground, scale: float) -> Contenders:
    rows = _rows(40_000, scale)

    def pgqueuer() -> Figures:
        with ground.database("template0") as url:
            return child.run("bench.peers.pgqueuer", "enqueue", url, ground.postmaster, rows)

    return {"tidings": partial(emission.run, ground, rows), "pgqueuer": pgqueuer}


def _latency(ground: Ground, scale: float) -> Contenders:
    rows = _rows(150, scale)
    return {
        "by SQL": partial(latency.by_sql, ground, rows),
        "by our API": partial(latency.by_api, ground, rows),
    }


def _urgent(ground: Ground, scale: float) -> Contenders:
    codes, load = _rows(100, scale), _rows(1_000_000, scale)
    return {
        "idle": partial(urgent.idle, ground, codes),
        "much in the outbox": partial(urgent.outbox, ground, codes, load),
        "much is due": partial(urgent.due, ground, codes, load),
    }


def _fanout(ground: Ground, scale: float) -> Contenders:
    rows = _rows(100_000, scale)
    return {
        "tidings": partial(fanout.run, ground, rows),
        "raw INSERT": partial(fanout.raw, ground, rows),
    }


def _history(ground: Ground, scale: float) -> Contenders:
    rows = _rows(1_000_000, scale)
    return {
        _LITTLE: partial(history.run, ground, rows // 50),
        _MUCH: partial(history.run, ground, rows),
    }


def _suppressions(ground: Ground, scale: float) -> Contenders:
    return {
        _NONE: partial(suppressions.run, ground, 0),
        _MANY: partial(suppressions.run, ground, _rows(1_000_000, scale)),
    }


def _feedback(ground: Ground, scale: float) -> Contenders:
    rows = _rows(20_000, scale)
    return {
        _TAKEN: partial(feedback.take, ground, rows),
        _FOLDED: partial(feedback.fold, ground, rows),
    }


def _flood(ground: Ground, scale: float) -> Contenders:
    rows, events = _rows(100, scale), _rows(40_000, scale)
    return {
        "idle": partial(flood.idle, ground, rows),
        "flooded": partial(flood.flooded, ground, rows, events),
    }


def _console(ground: Ground, scale: float, port: int) -> Contenders:
    rows, clicks = _rows(5_000, scale), max(int(12 * scale), 1)
    return {
        _APART: partial(console.clicking, ground, rows, clicks, port),
        _AT_ONCE: partial(console.at_once, ground, rows, clicks, port),
    }


def benchmarks(port: int) -> Mapping[str, Benchmark]:
    """All of them, by name; mail goes to a sink on `port`."""
    mail = (
        Target(_RATE, _ONE, smtp.SOURCE, 0.40),
        Target(_RATE, _TWO, smtp.SOURCE, 0.55),
        Target(_RATE, _ONE, "ordinary", 8),
        Target("worker µs", _ONE, "", 200, at_most=True),
        Target("MB", _ONE, "", 150, at_most=True),
    )
    signed = (
        Target(_RATE, "RSA-2048", smtp.SOURCE, 0.17),
        Target(_RATE, "Ed25519", smtp.SOURCE, 0.32),
    )
    feed = (Target(_RATE, "tidings", "procrastinate", 8), Target(_RATE, "tidings", "pgqueuer", 0.5))
    waits = (
        Target("p50 ms", "by SQL", "", 40, at_most=True),
        Target("p99 ms", "by SQL", "", 150, at_most=True),
        Target("p50 ms", "by our API", "", 10, at_most=True),
        Target("p99 ms", "by our API", "", 40, at_most=True),
    )
    pages = tuple(Target(each, _MUCH, _LITTLE, 1.1, at_most=True) for each in history.NAMES)
    return {
        "planning": Benchmark(_planning, (Target(_RATE, "tidings", "raw loop", 0.5),)),
        "in-app": Benchmark(_feed, feed),
        "e-mail": Benchmark(partial(_mail, port=port), mail),
        "e-mail with DKIM": Benchmark(partial(_signed, port=port), signed),
        "bulk emit": Benchmark(_emission, (Target(_RATE, "tidings", "pgqueuer", 2.5),)),
        "commit to handed over": Benchmark(_latency, waits),
        "critical under load": Benchmark(
            _urgent,
            (
                Target("p99 ms", "much in the outbox", "idle", 2, at_most=True),
                Target("p99 ms", "much is due", "idle", 2, at_most=True),
            ),
        ),
        "fan-out": Benchmark(_fanout, (Target(_RATE, "tidings", "raw INSERT", 1 / 3),)),
        "history": Benchmark(_history, pages),
        "suppressions": Benchmark(
            _suppressions,
            (
                Target("claim", _MANY, _NONE, 1.1, at_most=True),
                Target("addresses", _MANY, _NONE, 1.1, at_most=True),
                Target("list ms", _MANY, "", 300, at_most=True),
                Target("list, rare reason ms", _MANY, "", 300, at_most=True),
                Target("search ms", _MANY, "", 300, at_most=True),
            ),
        ),
        "feedback": Benchmark(
            _feedback, (Target(_RATE, _TAKEN, "", 5000), Target(_RATE, _FOLDED, "", 2000))
        ),
        "sends under a flood of feedback": Benchmark(
            _flood, (Target("p99 ms", "flooded", "idle", 2, at_most=True),)
        ),
        "console": Benchmark(
            partial(_console, port=port),
            (
                Target("p95 s", _APART, "", 1, at_most=True),
                Target("slowest s", _AT_ONCE, "", 2.5, at_most=True),
                Target("MB", _AT_ONCE, "", 350, at_most=True),
            ),
        ),
    }
