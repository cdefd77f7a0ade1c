"""Makes projections and removes them."""

from __future__ import annotations

from datetime import UTC, datetime

from nexus_core.errors import ConfigurationError
from nexus_core.graph.emptying import count_nodes, empty_graph
from nexus_core.projection.opening import open_projection
from nexus_core.settings import Settings
from nexus_core.store.database import Store
from nexus_core.store.ledger_making import drop_ledger, make_ledger
from nexus_core.store.projections import Projection, State, add_projection, forget_projection, note_projection
from nexus_core.store.projections import projections as all_projections

_UNDER_WAY = (State.NEW, State.BUILDING, State.READY)


async def projection_to_build(
    settings: Settings, main: Store, place: tuple[str, str, str], until: datetime | None, version: str
) -> Projection:
    """Give the projection that a replay is to build: the one that an earlier replay began, else a new one.

    `place` is the URI of an external Neo4j with user and reference of its password, or three empty texts for an
    embedded one in a folder of its own. Raises ConfigurationError if another one is under way.
    """
    rows = await all_projections(main)
    begun = next((row for row in rows if row.state in _UNDER_WAY), None)
    if begun is not None:
        return _same(begun, place[0], until, version)
    number = max(row.id for row in rows) + 1
    graph = place[0] or f"neo4j-{number}"
    if any(row.graph == graph for row in rows) or graph == settings.graph.uri:
        raise ConfigurationError(f"{graph} is the graph of another projection", "Name another Neo4j with --into")
    row = Projection(
        id=number,
        graph=graph,
        graph_user=place[1],
        graph_password=place[2],
        ledger=f"nexus_{number}",
        derivation_version=version,
        state=State.NEW,
        epoch=0,
        scanned=0,
        until_at=until,
        paused_until=None,
        paused_by=None,
        created_at=datetime.now(UTC),
    )
    await add_projection(main, row)
    return row


async def prepare_ledger(settings: Settings, row: Projection) -> None:
    """Make a projection's ledger, or bring it to the form that this version needs."""
    await make_ledger(settings.store_url, row.ledger)


async def take_graph(settings: Settings, main: Store, row: Projection) -> None:
    """Make the Neo4j of a new projection ours, once.

    Raises ConfigurationError, and forgets the projection, if it holds anything: that stays as it is.
    """
    if row.state is not State.NEW:
        return
    projection = open_projection(settings, main, row)
    try:
        count = await count_nodes(projection.graph)
    finally:
        await projection.close()
    if count:
        await remove_projection(settings, main, row, empties_graph=False)
        problem = f"{row.graph} is not empty: it holds {count:,} nodes"
        raise ConfigurationError(problem, "Name another Neo4j with --into, or empty it")
    await note_projection(main, row.id, state=State.BUILDING.value)


async def remove_projection(settings: Settings, main: Store, row: Projection, *, empties_graph: bool) -> None:
    """Remove a projection that is not active, with its ledger, and what its Neo4j holds if asked; repeatable.

    The Neo4j of one that is still new is left alone.
    """
    if row.state is not State.NEW:
        await note_projection(main, row.id, state=State.DISCARDED.value)
    if empties_graph and row.state is not State.NEW:
        projection = open_projection(settings, main, row)
        try:
            await empty_graph(projection.graph)
        finally:
            await projection.close()
    await drop_ledger(settings.store_url, row.ledger)
    await forget_projection(main, row.id)


def _same(begun: Projection, uri: str, until: datetime | None, version: str) -> Projection:
    """Give a projection under way if it is the one asked for."""
    differs = (uri and uri != begun.graph) or until != begun.until_at or version != begun.derivation_version
    if differs:
        raise ConfigurationError(
            f"A replay into projection {begun.id} ({begun.graph}) is under way with other options or another version",
            "Go on with the same, or remove it with `nexus replay --discard`",
        )
    return begun
