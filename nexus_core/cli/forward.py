"""`nexus forward`: ship the spool of an Airflow installation to the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.spool.folder import SpoolFolder
    from nexus_core.spool.forwarder import Forwarder, Pass


@app.command()
def forward(
    once: Annotated[bool, typer.Option(help="Ship what waits now, say what became of it, and end.")] = False,
) -> None:
    """Ship the events of the spool NEXUS_SPOOL__PATH to NEXUS_SPOOL__URL, until stopped."""
    from nexus_core import telemetry
    from nexus_core.errors import ConfigurationError
    from nexus_core.settings import Settings
    from nexus_core.spool.figures import showing_spool
    from nexus_core.spool.folder import SpoolFolder
    from nexus_core.spool.http import forwarder_to

    settings = Settings.load()
    telemetry.configure(settings.log_level)
    given = settings.spool
    if given.path is None or given.url is None:
        raise ConfigurationError("NEXUS_SPOOL__PATH or NEXUS_SPOOL__URL is not set", "Set both (docs/airflow.md)")
    spool = SpoolFolder(given.path, max_bytes=given.max_bytes, ephemeral=given.ephemeral)
    with forwarder_to(spool, given.url, given.token) as forwarder:
        if once:
            _forward_once(spool, forwarder)
            return
        with showing_spool(spool, settings.metrics.host, settings.metrics.port):
            _forward_until_signal(spool, forwarder)


def _forward_once(spool: SpoolFolder, forwarder: Forwarder) -> None:
    _print_pass(forwarder.forward())
    _print_state(spool)


def _forward_until_signal(spool: SpoolFolder, forwarder: Forwarder) -> None:
    import signal
    import threading

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _print_state(spool)
    forwarder.run(stop)
    _print_state(spool)


def _print_state(spool: SpoolFolder) -> None:
    state = spool.state()
    since = f", the oldest since {state.oldest_at:%Y-%m-%d %H:%M:%S} UTC" if state.oldest_at else ""
    typer.echo(
        f"{spool.path}: {state.pending_count} events wait ({state.pending_bytes:,} bytes{since}), "
        f"{state.rejected_count} were refused"
    )


def _print_pass(done: Pass) -> None:
    typer.echo(f"{done.accepted_count} accepted, {done.refused_count} refused, {done.later_count} for later")
    if done.problem:
        typer.echo(f"stopped early: {done.problem}")
