"""Runs the benchmarks and prints Markdown; figures of a run go into docs/benchmarks.md.

`python -m benchmarks` runs all, `python -m benchmarks sql` only what needs no stack, `… eventlogs` only the logs.
"""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import eventlogs, ingest, reads
from benchmarks.sql import report
from benchmarks.stack import running


def main(only: str = "") -> None:
    """Say what the machine is, then measure."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    if only != "sql":
        _eventlogs()
        print()
    if only == "eventlogs":
        return
    if only != "sql":
        _stack()
        print()
    report.show()


def _eventlogs() -> None:
    """Measure the logs without API and worker."""
    print("| what | figure |\n|---|---|")
    for what, figure in eventlogs.measure():
        print(f"| {what} | {figure} |")


def _stack() -> None:
    """Measure on a fresh stack: first the writes, then reads of what they wrote."""
    print("| what | figure |\n|---|---|")
    with running() as stack:
        for part in (ingest, reads):
            for what, figure in part.measure(stack):
                print(f"| {what} | {figure} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
