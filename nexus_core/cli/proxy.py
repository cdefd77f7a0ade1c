"""`nexus proxy serve|password`: run the masking proxy, and log people in to it."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from nexus_core.cli.app import proxy
from nexus_core.cli.serving import until_signal

if TYPE_CHECKING:
    from nexus_core.processes import Child
    from nexus_core.settings import Settings


@proxy.command()
def serve(worker: Annotated[int | None, typer.Option(hidden=True, min=0, max=255)] = None) -> None:
    """Serve PostgreSQL's clients at NEXUS_PROXY__HOST and NEXUS_PROXY__PORT until stopped."""
    from nexus_core.proxy import serving
    from nexus_core.settings import Settings

    async def run_proxy(settings: Settings, stop: asyncio.Event) -> None:
        await serving.run_proxy(settings, stop, worker or 0)

    settings = Settings.load()
    serving.certificate_files(settings)
    if worker is None and settings.proxy.processes > 1:
        _supervise(settings)
    else:
        until_signal(run_proxy, quick_loop=True)


@proxy.command()
def password(
    name: Annotated[str, typer.Argument(help="The user's name, or the account's id.")],
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="Minutes after which it ends.")] = 60,
) -> None:
    """Make a person's short-lived password for the proxy and print it, once; ends the one before."""

    async def make() -> None:
        from nexus_core.cli.local_audit import here, local_audit
        from nexus_core.governance.proxy_passwords import ProxyPasswords, making
        from nexus_core.governance.users import open_users
        from nexus_core.settings import Settings
        from nexus_core.store.database import open_store

        settings, life = Settings.load(), timedelta(minutes=minutes)
        store = open_store(settings.store_url)
        try:
            user = await open_users(store).one(name)
            async with local_audit(settings) as audit, audit.acting(None, here(making(user, life))):
                made = await ProxyPasswords(store).make(user, life)
        finally:
            await store.dispose()
        typer.echo(f"user {made.login}, until {made.expires_at:%Y-%m-%d %H:%M} UTC", err=True)
        typer.echo(made.password)

    asyncio.run(make())


def _supervise(settings: Settings) -> None:
    """Keep the processes that share the port running, until a signal."""
    import signal

    from nexus_core.cli.supervisor import Supervisor

    supervisor = Supervisor(lambda line: typer.echo(f"nexus: {line}", err=True))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        for each in range(settings.proxy.processes):
            supervisor.keep(partial(_worker, settings, each))
        supervisor.watch()
    except KeyboardInterrupt:
        pass
    finally:
        supervisor.stop()


def _worker(settings: Settings, worker: int) -> Child:
    """Start one of them; each shows its figures at a port of its own."""
    from nexus_core.processes import Child, Command

    shown = settings.metrics.port
    environment = {**os.environ, **({"NEXUS_METRICS__PORT": str(shown + worker)} if shown else {})}
    argv = [sys.executable, "-m", "nexus_core", "proxy", "serve", "--worker", str(worker)]
    return Child(Command(f"proxy-{worker}", argv, environment, settings.data_dir.expanduser().absolute()))


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
