"""Runs the benchmarks and prints one Markdown table; figures of a run go into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys

from benchmarks import ingest, reads
from benchmarks.stack import running


def main() -> None:
    """Measure on a fresh stack: first the writes, then reads of what they wrote."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| what | figure |\n|---|---|")
    with running() as stack:
        for part in (ingest, reads):
            for what, figure in part.measure(stack):
                print(f"| {what} | {figure} |")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
