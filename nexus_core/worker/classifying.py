"""Keeps classes, and what the graph's nodes tell of them, in step with the ledger."""

from __future__ import annotations

from nexus_core.classification.step import Classification
from nexus_core.graph.connection import Graph
from nexus_core.worker.sight import Sight


class Classifying:
    """The classes of the active projection, and the nodes of its graph."""

    def __init__(self, classes: Classification, graph: Graph) -> None:
        self._classes, self._sight = classes, Sight(graph, classes.ledger)

    async def step(self) -> bool:
        """Take in what the ledger notes as changed; False when nothing is."""
        return await self._classes.step()

    async def tell(self) -> None:
        """Tell the graph; raises UnavailableError while it is away, and tells it by the next call."""
        told, self._classes.told = self._classes.told, set()
        self._sight.note(told)
        await self._sight.tell()
