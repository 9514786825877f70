"""Who takes part in each benchmark: ours, the limit of the machine, and peers."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bench import (
    campaign,
    child,
    console,
    emission,
    fanout,
    feedback,
    flood,
    history,
    latency,
    pipeline,
    preflight,
    raw_loop,
    smtp,
    suppressions,
    urgent,
)
from bench.ground import Ground
from bench.measure import Contenders, Figures
from bench.population import NOTE, ORDER
from bench.worker import Setting

RATE, ONE, TWO = "per second", "tidings, 1 process", "tidings, 2 processes"
FAR, FIVE_MS = "database 5 ms away", 0.005
TAKEN, FOLDED = "taken in", "folded"
LITTLE, MUCH = "a little history", "much history"
APART, AT_ONCE = "20 people, a click every 5 s", "20 people at once"
NONE, MANY = "none suppressed", "many suppressed"


def _rows(base: int, scale: float) -> int:
    return max(int(base * scale), 20)


def planning(ground: Ground, scale: float) -> Contenders:
    rows = _rows(12_000, scale)
    return {
        "tidings": partial(pipeline.plan, ground, NOTE, rows),
        "raw loop": partial(raw_loop.run, ground, rows),
    }


def in_app(ground: Ground, scale: float) -> Contenders:
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
        return {RATE: sent["messages/s"], "worker µs": sent["CPU µs"]}

    return {smtp.SOURCE: source} if smtp.has_source() else {}


def mail(ground: Ground, scale: float, port: int) -> Contenders:
    rows, mails = _rows(8_000, scale), _rows(1_000, scale)

    def ordinary() -> Figures:
        with ground.database("template0") as url:
            return child.run("bench.peers.ordinary", url, ground.postmaster, mails, port, "none")

    send = partial(pipeline.due_to_end, ground, ORDER, rows)
    return {
        **_source(port, rows),
        ONE: partial(send, Setting(port, 1)),
        TWO: partial(send, Setting(port, 2)),
        FAR: partial(send, Setting(port, 1, away=FIVE_MS)),
        "ordinary": ordinary,
    }


def signed(ground: Ground, scale: float, port: int) -> Contenders:
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


def emitting(ground: Ground, scale: float) -> Contenders:
    rows = _rows(40_000, scale)

    def pgqueuer() -> Figures:
        with ground.database("template0") as url:
            return child.run("bench.peers.pgqueuer", "enqueue", url, ground.postmaster, rows)

    return {"tidings": partial(emission.run, ground, rows), "pgqueuer": pgqueuer}


def handing_over(ground: Ground, scale: float) -> Contenders:
    rows = _rows(150, scale)
    return {
        "by SQL": partial(latency.by_sql, ground, rows),
        "by our API": partial(latency.by_api, ground, rows),
    }


def critical(ground: Ground, scale: float) -> Contenders:
    codes, load = _rows(100, scale), _rows(1_000_000, scale)
    return {
        "idle": partial(urgent.idle, ground, codes),
        "much in the outbox": partial(urgent.outbox, ground, codes, load),
        "much is due": partial(urgent.due, ground, codes, load),
    }


def fanning_out(ground: Ground, scale: float) -> Contenders:
    rows = _rows(100_000, scale)
    return {
        "tidings": partial(fanout.run, ground, rows),
        "raw INSERT": partial(fanout.raw, ground, rows),
    }


def launching(ground: Ground, _scale: float) -> Contenders:
    return {
        ONE: partial(campaign.run, ground, 1),
        TWO: partial(campaign.run, ground, 2),
        "raw INSERT": partial(campaign.raw, ground),
    }


def histories(ground: Ground, scale: float) -> Contenders:
    rows = _rows(1_000_000, scale)
    return {
        LITTLE: partial(history.run, ground, rows // 50),
        MUCH: partial(history.run, ground, rows),
    }


def suppressing(ground: Ground, scale: float) -> Contenders:
    return {
        NONE: partial(suppressions.run, ground, 0),
        MANY: partial(suppressions.run, ground, _rows(1_000_000, scale)),
    }


def feeding_back(ground: Ground, scale: float) -> Contenders:
    rows = _rows(20_000, scale)
    return {
        TAKEN: partial(feedback.take, ground, rows),
        FOLDED: partial(feedback.fold, ground, rows),
    }


def flooding(ground: Ground, scale: float) -> Contenders:
    rows, events = _rows(100, scale), _rows(40_000, scale)
    return {
        "idle": partial(flood.idle, ground, rows),
        "flooded": partial(flood.flooded, ground, rows, events),
    }


def foretelling(ground: Ground, _scale: float) -> Contenders:
    return {
        "at once": partial(preflight.run, ground, None),
        "spread over 2 hours": partial(preflight.run, ground, "2 hours"),
    }


def clicking(ground: Ground, scale: float, port: int) -> Contenders:
    rows, clicks = _rows(5_000, scale), max(int(12 * scale), 1)
    return {
        APART: partial(console.clicking, ground, rows, clicks, port),
        AT_ONCE: partial(console.at_once, ground, rows, clicks, port),
    }
