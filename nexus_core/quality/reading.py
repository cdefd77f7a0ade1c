"""What checks found, as far as a caller sees the datasets."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from nexus_core.catalogue.identity import load_known
from nexus_core.errors import NotFoundError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.model.quality import Finding
from nexus_core.store import quality as rows
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.quality import DAY, DayRow, FigureRow, ResultRow

_FIGURES_MOST = 5_000


@dataclass(frozen=True, slots=True)
class DatasetQuality:
    """The checks of one dataset with their latest results, results by day, and its figures, the latest first."""

    name: DatasetName
    checks: Sequence[Finding]
    days: Sequence[DayRow]
    figures: Sequence[FigureRow]


async def read_dataset_quality(
    store: Store, aliases: Aliases, scope: Scope, asked: DatasetName, days: int
) -> DatasetQuality:
    """Read what is known of a dataset's quality; raises NotFoundError if it is unknown or invisible."""
    name = aliases.of(canonical(asked))
    since = _days_ago(days)
    async with reading(store) as connection:
        if not await load_known(connection, await visible_of(connection, scope, [name]), aliases):
            raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
        keys = [node_key(member.id) for member in aliases.members(name)]
        checks = await rows.checks_of(connection, keys)
        by_day = await rows.results_by_day(connection, keys, since)
        figures = await rows.figures_of(connection, keys, since, _FIGURES_MOST)
    order = sorted(checks, key=lambda each: (each.passed, each.severity, each.field, each.assertion, each.check_key))
    return DatasetQuality(name, order, by_day, figures)


async def find_checks(
    store: Store,
    aliases: Aliases,
    scope: Scope,
    passed: bool | None,
    after: tuple[int, str] | None,
    limit: int,
) -> tuple[list[Finding], tuple[int, str] | None]:
    """Give a page of checks, the latest result first, under the names that stand for their datasets; and the next."""
    found: list[Finding] = []
    async with reading(store) as connection:
        while True:
            page = await rows.list_checks(connection, scope, passed, after, limit + 1)
            named = {row.check_key: aliases.of(DatasetName(row.namespace, row.name)) for row in page[:limit]}
            seen = await visible_of(connection, scope, named.values())
            for row in page[:limit]:
                name = named[row.check_key]
                after = (row.at, row.check_key)
                if name in seen:
                    found.append(row._replace(namespace=name.namespace, name=name.name))
                if len(found) == limit:
                    return found, after
            if len(page) <= limit:
                return found, None


async def read_results(
    store: Store, aliases: Aliases, scope: Scope, check_key: str, days: int, limit: int
) -> tuple[Finding, Sequence[ResultRow]]:
    """Give a check with what its runs found, the latest first; raises NotFoundError if it is unknown or invisible."""
    async with reading(store) as connection:
        check = next(iter(await rows.checks_by_key(connection, [check_key])), None)
        if check is None or not await visible_check(connection, aliases, scope, check):
            raise NotFoundError(f"The check {check_key[:100]}")
        return check, await rows.results_of(connection, check_key, _days_ago(days), limit)


async def visible_check(connection: rows.Connection, aliases: Aliases, scope: Scope, check: Finding) -> bool:
    """Whether a scope sees the dataset of a check."""
    own = DatasetName(check.namespace, check.name)
    name = aliases.of(own)
    return scope.may_see(own) and name in await visible_of(connection, scope, [name])


def _days_ago(days: int) -> int:
    return time.time_ns() // 1000 - days * DAY
