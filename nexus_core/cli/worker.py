"""`nexus worker`: merge accepted events into the graph."""

from __future__ import annotations

from nexus_core.cli.app import app


@app.command()
def worker() -> None:
    """Merge accepted events into the graph until stopped; of several workers one merges, the others stand by."""
    import asyncio
    import signal

    from nexus_core import telemetry
    from nexus_core.settings import Settings
    from nexus_core.worker.opening import run_worker

    settings = Settings.load()
    telemetry.configure(settings.log_level)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run_worker(settings, stop)

    asyncio.run(run())
