"""The labels of datasets whose keys are known: owners, tags, domain, certification."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

_ROWS = "SELECT s.dataset_key, l.kind, l.value FROM catalogue_search s JOIN catalogue_label l ON l.id = s.id WHERE "
_SQLITE = _ROWS + "s.dataset_key IN (SELECT value FROM json_each(?)) ORDER BY l.value"
_POSTGRESQL = _ROWS + "s.dataset_key = ANY(%(keys)s) ORDER BY l.value"

Labels = Mapping[str, Mapping[str, list[str]]]


async def labels_of(connection: AsyncConnection, dataset_keys: Collection[str]) -> Labels:
    """Give kind → values by dataset key, as search shows them; what has none is left out."""
    keys = sorted(dataset_keys)
    sqlite = connection.dialect.name == "sqlite"
    given: Any = (orjson.dumps(keys).decode(),) if sqlite else {"keys": keys}
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    rows: Any = await connection.exec_driver_sql(_SQLITE if sqlite else _POSTGRESQL, given)
    for key, kind, value in rows:
        found[key][kind].append(value)
    return found
