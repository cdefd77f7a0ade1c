"""What is enforced of datasets, with the classes that stewards defined and what they called Public."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from nexus_core.classification.reading import read_classes
from nexus_core.store.class_facts import declared_public
from nexus_core.store.classes import EffectiveClasses, read_effective
from nexus_core.store.database import Store, reading
from nexus_core.store.ledger import Ledger


async def read_enforced(main: Store, ledger: Store, keys: Mapping[str, str]) -> EffectiveClasses:
    """Give what is enforced of datasets by the keys that stand for them; `keys` are those of all names of each.

    Raises UnavailableError if a store fails.
    """
    async with Ledger(ledger).reading() as seen:
        defined = await read_classes(seen)
        said = await declared_public(seen.connection, keys)
    public: dict[str, set[str]] = defaultdict(set)
    for key, fields in said.items():
        public[keys[key]] |= fields
    async with reading(main) as connection:
        return await read_effective(connection, set(keys.values()), defined, public)
