"""How fast mail leaves: our SMTP provider beside Postfix's `smtp-source` and aiosmtplib.

    python -m bench.smtp [--messages N] [--rounds N]

Everybody sends the same 17 KB messages over 10 connections to the same sink, in turns. The
sink is Postfix's `smtp-sink`, or our own mailbox where that is missing; `smtp-source` is
then missing too and the column of ratios stays empty. Writes `bench/results/smtp.json`.
"""

import argparse
import asyncio
import json
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import aiosmtplib
import uvloop

from bench.measure import Figures, Result, interleave
from delivery.messages import Message
from delivery.ports import Handover
from delivery.providers.smtp import Smtp
from models.records import Account

SESSIONS = 10
SOURCE = "smtp-source"
SENDER, RECIPIENT = "b+1@bounces.example", "anna@example.org"
RESULTS = Path(__file__).parent / "results"


def payload() -> bytes:
    """A mail of about 17 KB with 8-bit text and CSS lines that begin with a dot."""
    head = b"From: a@example.org\r\nTo: anna@example.org\r\nSubject: bench\r\n\r\n"
    line = '<td style="font: 16px sans-serif; padding: 0 25px">Zeile %d für Anna</td>\r\n'
    css = b".col-%d { width: 100%% }\r\n"
    lines = (line.encode() % number for number in range(215))
    return head + b"".join(css % n for n in range(10)) + b"".join(lines)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def sink() -> Iterator[tuple[str, int]]:
    """A server that takes everything: its name and port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        name, command = _sink_command(port, folder)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield name, port
        finally:
            process.terminate()
            process.wait()


def _sink_command(port: int, folder: str) -> tuple[str, list[str]]:
    if found := _postfix("smtp-sink"):
        return "smtp-sink", [found, "-u", "nobody", f"127.0.0.1:{port}", "1000"]
    command = [sys.executable, "-m", "scheduler", "mailbox", "--smtp-port", str(port)]
    return "mailbox", [*command, "--http-port", str(free_port()), "--directory", folder]


def _postfix(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def has_source() -> bool:
    """Whether Postfix's `smtp-source` is here."""
    return _postfix(SOURCE) is not None


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the sink does not listen")


class Ever:
    """A lease that never ends, as far as this program is concerned."""

    def holds(self) -> bool:
        return time.clock_gettime(time.CLOCK_BOOTTIME) > 0


async def ours(port: int, messages: int) -> None:
    provider = Smtp()
    account = Account("bench", "smtp", "email", f"smtp://127.0.0.1:{port}?connections={SESSIONS}")
    message = Message(UUID(int=0), RECIPIENT, SENDER, payload(), eight_bit=True)
    for start in range(0, messages, 500):  # a worker's batch
        batch = min(500, messages - start)
        handover = Handover(message, Ever(), 60)
        await asyncio.gather(*(provider.send(handover, account) for _ in range(batch)))
    await provider.close()


async def theirs(port: int, messages: int) -> None:
    """aiosmtplib: one sequential client a connection, which is the most it can do."""
    content = payload()
    left = iter(range(messages))

    async def client() -> None:
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        async with smtp:
            for _ in left:
                await smtp.sendmail(SENDER, [RECIPIENT], content, mail_options=["BODY=8BITMIME"])

    await asyncio.gather(*(client() for _ in range(SESSIONS)))


def timed(run: Callable[[], object], messages: int, cpu: Callable[[], float]) -> Figures:
    wall, spent = time.perf_counter(), cpu()
    run()
    wall, spent = time.perf_counter() - wall, cpu() - spent
    return {"messages/s": messages / wall, "CPU µs": spent / messages * 1e6}


def run_ours(port: int, messages: int) -> Figures:
    return timed(lambda: uvloop.run(ours(port, messages)), messages, time.process_time)


def run_theirs(port: int, messages: int) -> Figures:
    fewer = max(messages // 5, 1)  # it is that much slower
    return timed(lambda: uvloop.run(theirs(port, fewer)), fewer, time.process_time)


def run_source(port: int, messages: int) -> Figures:
    command = [
        *(_postfix("smtp-source") or "", "-d", "-s", str(SESSIONS), "-m", str(messages)),
        *("-l", str(len(payload())), "-f", SENDER, "-t", RECIPIENT, f"127.0.0.1:{port}"),
    ]
    return timed(lambda: subprocess.run(command, check=True), messages, _children)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def contenders(port: int, messages: int) -> dict[str, Callable[[], Figures]]:
    source = {SOURCE: partial(run_source, port, messages)} if _postfix(SOURCE) else {}
    ours_and_theirs = {
        "tidings": partial(run_ours, port, messages),
        "aiosmtplib": partial(run_theirs, port, messages),
    }
    return {**source, **ours_and_theirs}


def table(result: Result) -> Iterator[str]:
    yield f"{'':12} {'messages/s':>12} {'spread':>13} {'x source':>9} {'CPU µs':>7} {'spread':>9}"
    for name in result.runs:
        rate, cpu = result.spread(name, "messages/s"), result.spread(name, "CPU µs")
        known = SOURCE in result.runs
        ratio = f"{result.ratio(name, SOURCE, 'messages/s').median:.2f}" if known else "-"
        rates, cpus = f"{rate.low:.0f}-{rate.high:.0f}", f"{cpu.low:.0f}-{cpu.high:.0f}"
        yield f"{name:12} {rate.median:>12.0f} {rates:>13} {ratio:>9} {cpu.median:>7.0f} {cpus:>9}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with sink() as (name, port):
        result = interleave("smtp", contenders(port, chosen.messages), chosen.rounds)
    print(f"{len(payload())} octets, {SESSIONS} connections, into {name}")
    print("\n".join(table(result)))
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "smtp.json").write_text(json.dumps({name: result.runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
