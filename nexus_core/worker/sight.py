"""Tells the graph's nodes what scopes ask of datasets, from the store: classes and domains.

A tighter class is told at once. A node that is yet to come gets what is known once the graph has been told of all;
until then it is hidden from whoever is limited by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nexus_core.errors import UnavailableError
from nexus_core.graph.access import write_access
from nexus_core.graph.connection import Graph
from nexus_core.model.access import Attributes
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import AccessRow, all_access, read_access
from nexus_core.store.settled import is_settled


@dataclass(slots=True)
class Sight:
    """What one graph has yet to be told; at first all."""

    graph: Graph
    ledger: Store
    _now: set[str] = field(default_factory=set)
    _later: set[str] = field(default_factory=set)
    _all: bool = True

    def note(self, keys: set[str]) -> None:
        """Note datasets of which something else is known now."""
        self._now |= keys
        self._later |= keys

    async def tell(self) -> None:
        """Tell what is noted. Raises UnavailableError while store or graph are away: the next call tells it."""
        if self._now:
            keys, self._now = self._now, set()
            await self._told(keys)
        if (self._later or self._all) and await is_settled(self.ledger):
            keys, self._later = self._later, set()
            await self._told(keys, everything=self._all)
            self._all = False

    async def _told(self, keys: set[str], *, everything: bool = False) -> None:
        try:
            async with reading(self.ledger) as connection:
                found = await (all_access(connection) if everything else read_access(connection, keys))
            await write_access(self.graph, {key: _attributes(row) for key, row in found.items()})
        except UnavailableError:
            self.note(keys)
            raise


def _attributes(row: AccessRow) -> Attributes:
    return Attributes(row.domain, row.class_name, row.generation)
