"""`nexus graph`: look at the projection as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.settings import GraphSettings, Settings

graph = typer.Typer(no_args_is_help=True, help="The graph that is projected from the event log.")
app.add_typer(graph, name="graph")


@graph.callback()
def _graph() -> None:
    """Make `hash` a subcommand though it is the only one."""


@graph.command("hash")
def hash_() -> None:
    """Print the hash of the graph: equal for equal events, in whatever order they came."""
    import asyncio

    from nexus_core.graph.connection import open_graph
    from nexus_core.graph.hash import graph_hash
    from nexus_core.settings import Settings

    settings = Settings.load()

    async def run() -> str:
        async with open_graph(_running(settings)) as driver:
            return await graph_hash(driver)

    typer.echo(asyncio.run(run()))


def _running(settings: Settings) -> GraphSettings:
    """Give the Neo4j of the settings, else the one that `nexus up` runs in the data folder."""
    from nexus_core.graph.embedded.server import connection

    home = settings.data_dir.expanduser() / "neo4j"
    if settings.graph.uri is not None or not (home / "password").exists():
        return settings.graph
    return connection(settings.graph, home, int((home / "port").read_text()))
