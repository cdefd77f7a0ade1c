"""Shows how far a download is: a bar on a terminal, a line a quarter elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import typer


@contextmanager
def fetching(what: str, total_bytes: int) -> Iterator[Callable[[int], None]]:
    """Give a function that is told of arrived bytes, from any thread; shows nothing if there is nothing to fetch."""
    if not total_bytes:
        yield lambda _count: None
    elif sys.stdout.isatty():
        from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(f"Fetching {what}", *columns) as progress:
            task = progress.add_task(what, total=total_bytes)
            yield lambda count: progress.advance(task, count)
    else:
        yield _Quarters(what, total_bytes).add


class _Quarters:
    def __init__(self, what: str, total_bytes: int) -> None:
        self._what, self._total, self._done, self._told = what, total_bytes, 0, 0
        self._lock = Lock()
        typer.echo(f"Fetching {what}, {total_bytes / 2**20:.0f} MiB, once …")

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            quarter = 4 * self._done // self._total
            if quarter > self._told:
                self._told = quarter
                typer.echo(f"  {self._what}: {25 * min(quarter, 4)} %")
