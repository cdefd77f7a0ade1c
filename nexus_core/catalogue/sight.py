"""What scopes ask of one dataset, for who may know that it is there."""

from __future__ import annotations

from nexus_core.catalogue.identity import load_known
from nexus_core.errors import NotFoundError
from nexus_core.model.access import Attributes, Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import read_access, visible_of


async def read_attributes(
    store: Store, aliases: Aliases, scope: Scope, asked: DatasetName
) -> tuple[DatasetName, Attributes]:
    """Give a dataset's name and attributes; raises NotFoundError if it is unknown or invisible."""
    name = aliases.of(canonical(asked))
    async with reading(store) as connection:
        if not await load_known(connection, await visible_of(connection, scope, [name]), aliases):
            raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
        told = (await read_access(connection, [node_key(name.id)])).get(node_key(name.id))
    return name, Attributes(told.domain, told.class_name, told.generation) if told else Attributes()
