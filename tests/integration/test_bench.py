"""The benchmarks run and measure something; how fast is no test's business."""

import subprocess
import sys
from pathlib import Path

from bench.__main__ import verdicts
from bench.benchmarks import Target
from bench.measure import Result

ROOT = Path(__file__).parents[2]


def test_a_ratio_is_held_against_its_target_and_half_of_it():
    runs = {"ours": [{"rate": 30.0}], "theirs": [{"rate": 100.0}]}
    said = [
        line.rpartition(": ")[2]
        for value in (0.3, 0.5, 0.9)
        for line in verdicts(Result("x", runs), (Target("rate", "ours", "theirs", value),))
    ]
    assert said == ["reached", "half reached", "missed"]


def test_planning_and_emission_are_measured():
    command = [sys.executable, "-m", "bench", "--rounds", "1", "--scale", "0.02"]
    done = subprocess.run(
        [*command, "--only", "planning", "bulk emit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.count("→ per second of tidings") == 2
    assert "raw loop" in done.stdout
