"""Who reads a dataset and its fields how often, as the query logs of its source tell."""

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
from nexus_core.store.usage import UsageSum, today, usage_of

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
        _date(today() - days + 1),
        _uses(whole) if whole else None,
        {field: _uses(of) for field, of in by_field.items()},
        {_date(day): count for day, count in sorted(by_day.items())},
    )


def _uses(sums: Iterable[UsageSum]) -> Uses:
    by_account: Counter[str] = Counter()
    last_day = 0
    for each in sums:
        by_account[each.account] += each.read_count
        last_day = max(last_day, each.day)
    return Uses(by_account.total(), dict(by_account.most_common()), _date(last_day))


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
