"""What a piece of work costs: wall time, and the CPU of whoever did it, from /proc."""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    cpu: float


def _read(pid: str) -> _Process | None:
    """A process and the CPU seconds of itself and of the children it has waited for."""
    try:
        fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None  # it ended meanwhile; its parent has waited for it
    return _Process(int(fields[1]), sum(map(int, fields[11:15])) / _TICK)


def _pids() -> list[str]:
    return [folder.name for folder in Path("/proc").iterdir() if folder.name.isdigit()]


def tree_cpu(root: int) -> float:
    """CPU seconds of a process, its descendants, and all their ended children."""
    processes = {int(pid): found for pid in _pids() if (found := _read(pid))}
    tree, grown = {root}, True
    while grown:
        more = {pid for pid, one in processes.items() if one.parent in tree} - tree
        tree, grown = tree | more, bool(more)
    return sum(processes[pid].cpu for pid in tree if pid in processes)


def peak_memory(root: int) -> float:
    """MB of RAM the largest process of a tree has held at once (VmHWM)."""
    mine = [pid for pid in _pids() if int(pid) == root or _parent(pid) == root]
    return max((_high_water(pid) for pid in mine), default=0.0)


def _parent(pid: str) -> int:
    found = _read(pid)
    return found.parent if found else 0


def _high_water(pid: str) -> float:
    try:
        lines = Path("/proc", pid, "status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@dataclass
class Meter:
    """Measures a block: wall time, a worker's process tree, Postgres's process tree.

    CPU is read 0.3 s after the block, so that what it left to Postgres's writers counts too.
    """

    worker: int
    postgres: int
    wall: float = 0.0
    worker_cpu: float = 0.0
    postgres_cpu: float = 0.0
    _began: float = field(default=0.0, repr=False)

    def __enter__(self) -> Self:
        self.worker_cpu = -tree_cpu(self.worker)
        self.postgres_cpu = -tree_cpu(self.postgres)
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall = time.perf_counter() - self._began
        self.worker_cpu += tree_cpu(self.worker)
        time.sleep(0.3)
        self.postgres_cpu += tree_cpu(self.postgres)

    def figures(self, rows: int) -> dict[str, float]:
        """What the block did, by the names that the table uses."""
        return {
            "per second": rows / self.wall,
            "worker µs": self.worker_cpu / rows * 1e6,
            "postgres µs": self.postgres_cpu / rows * 1e6,
        }
