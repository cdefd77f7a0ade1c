"""Tells the graph what scopes ask of datasets, which the store knows first.

What changed waits in the store until the graph has it, so a crash loses nothing. Several workers may tell at once:
whoever wrote reads again, and writes anew if the store has gone on meanwhile, so that the last write is the newest.
"""

from __future__ import annotations

from collections.abc import Collection

from nexus_core.graph.access import write_access
from nexus_core.graph.connection import Graph
from nexus_core.model.access import UNKNOWN, Attributes
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import access_told, read_access, untold_access

_MOST = 5_000  # datasets of one turn


async def tell_access(store: Store, graph: Graph) -> bool:
    """Tell what waits; False when nothing did."""
    waiting = await untold_access(store, _MOST)
    if not waiting:
        return False
    keys = [key for key, _ in waiting]
    told: dict[str, Attributes] = {}
    while (present := await _attributes(store, keys)) != told:
        await write_access(graph, present)
        told = present
    await access_told(store, waiting)
    return True


async def _attributes(store: Store, keys: Collection[str]) -> dict[str, Attributes]:
    async with reading(store) as connection:
        rows = await read_access(connection, keys)
    known = {key: Attributes(row.domain, row.class_name, row.generation) for key, row in rows.items()}
    return {key: known.get(key, UNKNOWN) for key in keys}
