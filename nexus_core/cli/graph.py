"""`nexus graph`: look at a projection as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nexus_core.cli.app import app

if TYPE_CHECKING:
    from nexus_core.projection.opening import OpenProjection
    from nexus_core.settings import Settings

graph = typer.Typer(no_args_is_help=True, help="The graph that is projected from the event log.")
app.add_typer(graph, name="graph")

_Projection = Annotated[int | None, typer.Option(help="Number of a projection; absent: the one that is read.")]


@graph.command("hash")
def hash_(
    projection: _Projection = None,
    bitemporal: Annotated[
        bool, typer.Option("--bitemporal", help="Cover recorded times and former beliefs too.")
    ] = False,
) -> None:
    """Print the hash of the graph: equal for equal events, in whatever order they came."""
    from nexus_core.graph.hash import graph_hash

    async def run() -> str:
        async with _opened([projection]) as (opened,):
            return await graph_hash(opened.graph, bitemporal=bitemporal)

    typer.echo(asyncio.run(run()))


@graph.command("list")
def list_() -> None:
    """List the projections: which one is read, which are kept or being built."""

    async def run() -> None:
        from nexus_core.settings import Settings
        from nexus_core.store.projections import projections

        settings = Settings.load()
        async with _main(settings) as main:
            for row in await projections(main):
                until = f", until {row.until_at:%Y-%m-%d %H:%M:%S} UTC" if row.until_at else ""
                place = row.graph or settings.graph.uri or "neo4j"
                version = row.derivation_version or "unknown or mixed"
                typer.echo(f"{row.id:>3}  {row.state:<9} {place}  (derivation version {version}{until})")

    asyncio.run(run())


@graph.command("diff")
def diff(
    first: Annotated[int, typer.Argument(help="Number of a projection (`nexus graph list`).")],
    second: Annotated[int, typer.Argument(help="Number of another one.")],
    limit: Annotated[int, typer.Option(help="Most rows to show.")] = 100,
) -> None:
    """Show nodes and relationships that only one of two projections has: `-` the first, `+` the second."""
    from nexus_core.graph.compare import differences

    async def run() -> int:
        async with _opened([first, second]) as (one, other):
            found = await differences(one.graph, other.graph, limit)
        for each in found:
            typer.echo(f"{each.side} {each.row.decode()}")
        return len(found)

    if asyncio.run(run()):
        raise typer.Exit(1)
    typer.echo("The graphs are equal.")


@asynccontextmanager
async def _opened(numbers: list[int | None]) -> AsyncIterator[list[OpenProjection]]:
    """Give projections by number, the active one for None."""
    from nexus_core.errors import NotFoundError
    from nexus_core.projection.opening import open_projection
    from nexus_core.settings import Settings
    from nexus_core.store.projections import State, projections

    settings, opened = Settings.load(), []
    async with _main(settings) as main:
        rows = await projections(main)
        active = next(row.id for row in rows if row.state is State.ACTIVE)
        try:
            for number in numbers:
                wanted = active if number is None else number
                row = next((row for row in rows if row.id == wanted), None)
                if row is None:
                    raise NotFoundError(f"projection {number}")
                opened.append(open_projection(settings, main, row))
            yield opened
        finally:
            for projection in opened:
                await projection.close()


@asynccontextmanager
async def _main(settings: Settings) -> AsyncIterator[Any]:
    from nexus_core.store.database import open_store

    main = open_store(settings.store_url)
    try:
        yield main
    finally:
        await main.dispose()
