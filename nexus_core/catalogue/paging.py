"""Pages of what a scope sees: neither the number of rows nor where a page ends tells of what is hidden."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from nexus_core.model.access import Scope
from nexus_core.model.names import DatasetName
from nexus_core.store.database import Store
from nexus_core.store.dataset_access import visible_in

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and whether there are more behind the last."""

    rows: Sequence[Row]
    more: bool


async def visible_page(
    store: Store,
    scope: Scope,
    some: Callable[[Row | None, int], Awaitable[Sequence[Row]]],
    dataset: Callable[[Row], DatasetName],
    limit: int,
) -> Page[Row]:
    """Give the first visible rows; `some` gives so many of all behind a row, or from the start.

    Raises UnavailableError while a store does not answer.
    """
    shown: list[Row] = []
    last: Row | None = None
    while len(shown) <= limit:
        part = await some(last, limit + 1)
        seen = await visible_in(store, scope, map(dataset, part))
        shown += [row for row in part if dataset(row) in seen]
        if len(part) <= limit:
            break
        last = part[-1]
    return Page(shown[:limit], len(shown) > limit)
