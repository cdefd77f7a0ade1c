"""The classes of names, kept in memory and read again when a worker changed them."""

from __future__ import annotations

from dataclasses import dataclass, field

from nexus_core.model.aliases import Aliases, Pair
from nexus_core.store import names as rows
from nexus_core.store.database import Store, reading


@dataclass(slots=True)
class KnownAliases:
    """The classes as they were at a generation; asking costs one look at the generation."""

    generation: int = -1
    pairs: frozenset[Pair] = frozenset()
    classes: Aliases = field(default_factory=Aliases)

    async def load(self, connection: rows.Connection) -> Aliases:
        """Give the classes as the connection's snapshot has them."""
        generation = await rows.generation(connection)
        if generation != self.generation:
            pairs = await rows.accepted_pairs(connection)
            self.classes = await rows.classes(connection, pairs) if pairs else Aliases()
            self.generation, self.pairs = generation, frozenset(pairs)
        return self.classes

    async def read(self, store: Store) -> Aliases:
        """Give the classes that hold now; raises UnavailableError if the store fails."""
        async with reading(store) as connection:
            return await self.load(connection)
