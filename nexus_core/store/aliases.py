"""The classes of names, kept in memory and read again when a worker changed them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from nexus_core.model.aliases import Aliases, Pair
from nexus_core.store import names as rows
from nexus_core.store.database import Store, reading

_LOOK_SECONDS = 0.05  # under load a look costs a read as much as the rest of its work here


@dataclass(slots=True)
class KnownAliases:
    """The classes as they were at a generation; asking costs one look at the generation, at most 20 a second."""

    generation: int = -1
    pairs: frozenset[Pair] = frozenset()
    classes: Aliases = field(default_factory=Aliases)
    looked_at: float = 0.0

    async def load(self, connection: rows.Connection) -> Aliases:
        """Give the classes as the connection's snapshot has them."""
        generation = await rows.generation(connection)
        if generation != self.generation:
            pairs = await rows.accepted_pairs(connection)
            self.classes = await rows.classes(connection, pairs) if pairs else Aliases()
            self.generation, self.pairs = generation, frozenset(pairs)
        return self.classes

    async def read(self, store: Store) -> Aliases:
        """Give the classes as of the last twentieth of a second; raises UnavailableError if the store fails."""
        if time.monotonic() - self.looked_at < _LOOK_SECONDS:
            return self.classes
        async with reading(store) as connection:
            classes = await self.load(connection)
        self.looked_at = time.monotonic()
        return classes
