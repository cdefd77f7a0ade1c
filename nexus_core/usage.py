"""Who reads a dataset and its fields how often, as query logs and the masking proxy tell, and what nobody reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from nexus_core.catalogue.identity import load_known
from nexus_core.errors import NotFoundError
from nexus_core.model.access import Scope
from nexus_core.model.aliases import Aliases
from nexus_core.model.edge import node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical
from nexus_core.store.database import Store, reading
from nexus_core.store.dataset_access import visible_of
from nexus_core.store.retirements import lifecycles
from nexus_core.store.usage import UsageSum, read_counts, today, usage_of
from nexus_core.store.usage_assets import UnusedRow, unused_assets

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Uses:
    """How often something was read, by account ("" where the source tells none), and on which day last."""

    count: int
    by_account: Mapping[str, int]
    last_day: date


@dataclass(frozen=True, slots=True)
class Usage:
    """The reads of a dataset since a day; `dataset` is None where none is known, `fields` has those that were read."""

    name: DatasetName
    since: date
    dataset: Uses | None
    fields: Mapping[str, Uses]
    by_day: Mapping[date, int]


async def read_usage(store: Store, aliases: Aliases, scope: Scope, asked: DatasetName, days: int) -> Usage:
    """Read the usage of the last days, today included; raises NotFoundError if it is unknown or invisible."""
    name = aliases.of(canonical(asked))
    async with reading(store) as connection:
        if not await load_known(connection, await visible_of(connection, scope, [name]), aliases):
            raise NotFoundError(f"dataset {asked.name} in {asked.namespace}")
        sums = await usage_of(connection, [node_key(member.id) for member in aliases.members(name)], days)
    by_field: dict[str, list[UsageSum]] = {}
    for each in sums:
        by_field.setdefault(each.field, []).append(each)
    whole = by_field.pop("", [])
    by_day: Counter[int] = Counter()
    for each in whole:
        by_day[each.day] += each.read_count
    return Usage(
        name,
        date_of(today() - days + 1),
        _uses(whole) if whole else None,
        {field: _uses(of) for field, of in by_field.items()},
        {date_of(day): count for day, count in sorted(by_day.items())},
    )


async def find_unused(
    store: Store, aliases: Aliases, scope: Scope, days: int, after: tuple[str, str, int], limit: int
) -> tuple[list[UnusedRow], tuple[str, str, int] | None]:
    """Give a page of assets that nobody read in the last days under any of their names, and where the next begins.

    What was dropped is left out. Only sources of which some read is known count: of others nobody knows.
    """
    found: list[UnusedRow] = []
    async with reading(store) as connection:
        while True:
            page = await unused_assets(connection, scope, days, after, limit + 1)
            names = {row.id: aliases.members(DatasetName(row.namespace, row.name)) for row in page}
            keys = {row_id: [node_key(member.id) for member in of] for row_id, of in names.items()}
            read = await read_counts(connection, [key for of in keys.values() for key in of], days)
            gone = await lifecycles(store, [row.dataset_key for row in page])
            for row in page[:limit]:
                after = (row.sort_name, row.namespace, row.id)
                if row.dataset_key not in gone and not any(key in read for key in keys[row.id]):
                    found.append(row)
                if len(found) == limit:
                    return found, after
            if len(page) <= limit:
                return found, None


def _uses(sums: Iterable[UsageSum]) -> Uses:
    by_account: Counter[str] = Counter()
    last_day = 0
    for each in sums:
        by_account[each.account] += each.read_count
        last_day = max(last_day, each.day)
    return Uses(by_account.total(), dict(by_account.most_common()), date_of(last_day))


def date_of(day: int) -> date:
    """Give the day of a count of days since 1970-01-01."""
    return _EPOCH + timedelta(days=day)
