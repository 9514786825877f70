"""A contender in a process of its own, so that neither its threads nor its imports are ours."""

import json
import subprocess
import sys

from bench.measure import Figures


def run(module: str, *arguments: object) -> Figures:
    """Run `python -m module …` and read the figures it prints."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    figures: dict[str, float] = json.loads(printed)
    return figures
