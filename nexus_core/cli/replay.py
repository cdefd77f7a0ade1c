"""`nexus replay`: project the log anew, prove it equal, switch over, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from nexus_core.cli.app import app

_YOUNG = 1_000_000  # objects: a thousand decoded events at a time are half as many


@app.command()
def replay(
    into: Annotated[
        str | None, typer.Option(help="Bolt URI of an empty Neo4j; absent: a second embedded one is started.")
    ] = None,
    user: Annotated[str, typer.Option(help="Its user; absent: NEXUS_GRAPH__USER.")] = "",
    password: Annotated[
        str, typer.Option(help="Reference to its password, `env:NAME` or `file:PATH`; absent: NEXUS_GRAPH__PASSWORD.")
    ] = "",
    switch: Annotated[bool, typer.Option("--switch", help="Read from it once it is proved equal.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Catch up the projection read before, and read it.")] = False,
    accept_difference: Annotated[
        bool, typer.Option("--accept-difference", help="Switch though the graphs differ (`nexus graph diff`).")
    ] = False,
    discard: Annotated[
        bool, typer.Option("--discard", help="Remove what a replay began, else the oldest projection that is kept.")
    ] = False,
    until: Annotated[
        str | None, typer.Option(help="Leave out events accepted after this time (RFC 3339); never switched to.")
    ] = None,
) -> None:
    """Project the event log into a second Neo4j, and compare it with the one that is read.

    May be stopped at any moment and goes on where it was. Readers and producers notice nothing.
    """
    import asyncio

    from nexus_core import telemetry
    from nexus_core.cli.long_lived import collect_seldom, give_back
    from nexus_core.cli.replaying import Options, run_discard, run_replay
    from nexus_core.errors import ConfigurationError
    from nexus_core.settings import Settings

    if until and (switch or back):
        raise ConfigurationError("A projection of the past is not read by others", "Leave out --until, or --switch")
    settings = Settings.load()
    telemetry.configure("WARNING")
    collect_seldom(young=_YOUNG)
    give_back()
    if discard:
        asyncio.run(run_discard(settings))
        return
    moment = datetime.fromisoformat(until) if until else None
    if moment is not None and moment.tzinfo is None:
        raise ConfigurationError("--until lacks its offset", "Write it as 2026-01-01T00:00:00Z")
    place = (into or "", user, password)
    if not asyncio.run(run_replay(settings, Options(place, moment, switch or back, back, accept_difference))):
        raise typer.Exit(1)
