"""`nexus worker`: merge accepted events into the graph."""

from __future__ import annotations

from nexus_core.cli.app import app
from nexus_core.cli.serving import until_signal


@app.command()
def worker() -> None:
    """Merge accepted events into the graph until stopped; several workers share the partitions."""
    from nexus_core.worker.opening import run_worker

    until_signal(run_worker, quick_loop=True)
