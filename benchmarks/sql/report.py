"""The SQL part of the benchmarks as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from benchmarks.sql import accuracy, speed
from benchmarks.sql.engines import started
from tests.golden.corpus import all_cases


def show() -> None:
    """Measure accuracy, then speed, and print as it comes."""
    cases = all_cases()
    with started() as engines:
        print(f"### Accuracy: {len(cases)} cases of `tests/golden/sql`\n")
        results = list(accuracy.marked(cases, engines))
        _print(accuracy.tables(results, engines))
        print("\nA peer is exact where we are not:\n")
        _print(list(accuracy.beaten(results, engines)) or ["- nowhere"])
        print("\n### Speed\n")
        _print(speed.tables(engines))


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
        sys.stdout.flush()
