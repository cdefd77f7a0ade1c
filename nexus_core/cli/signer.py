"""`nexus signer`: take audit records into the tree and sign checkpoints."""

from __future__ import annotations

from nexus_core.cli.app import app


@app.command()
def signer() -> None:
    """Sign the audit log until stopped; the only process that needs its key."""
    import asyncio
    import signal

    from nexus_core import telemetry
    from nexus_core.governance.audit_opening import run_signer
    from nexus_core.settings import Settings

    settings = Settings.load()
    telemetry.configure(settings.log_level)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run_signer(settings, stop)

    asyncio.run(run())
