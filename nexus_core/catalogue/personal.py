"""Which fields hold personal data, as they are classified."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from nexus_core.catalogue.policy_columns import policy_columns
from nexus_core.model.access import Scope
from nexus_core.model.classes import CONFIDENTIAL, PUBLIC
from nexus_core.model.names import DatasetName
from nexus_core.store.database import Store


async def personal_fields(store: Store, main: Store, scope: Scope) -> Mapping[DatasetName, Sequence[tuple[str, str]]]:
    """Give the visible fields with PII, or a class of one's own, by dataset, each with its class.

    Raises UnavailableError if the store fails.
    """
    found: dict[DatasetName, list[tuple[str, str]]] = defaultdict(list)
    async for column in policy_columns(store, main):
        if column.class_name in (None, PUBLIC, CONFIDENTIAL):
            continue
        if scope.sees(column.dataset, column.attributes):
            found[column.dataset].append((column.field, column.class_name))
    return found
