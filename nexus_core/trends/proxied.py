"""Reads through the masking proxy, counted beside those of query logs, an hour of the audit log at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from nexus_core.model.audit import Place
from nexus_core.model.edge import digest_of, node_key
from nexus_core.model.names import DatasetName
from nexus_core.model.naming import canonical, canonical_field
from nexus_core.model.naming_tables import joined
from nexus_core.store.database import Store, writing
from nexus_core.store.proxied import Statement, counted_until, note_counted, statements_between
from nexus_core.store.usage import USAGE_DAYS, UsageRow, save_usage

TELLER = "proxy"
_HOUR_S = 3_600
_STEP_HOURS = 24
_LATE = timedelta(minutes=5)
"""How long a record may take to be there after the time that it bears."""

_Counts = Counter[tuple[str, str, str]]
"""Reads by dataset's key, field and account."""


@dataclass(frozen=True, slots=True)
class ServedSource:
    """What the catalogue calls a database that a proxy serves."""

    namespace: str
    database: str


@dataclass(frozen=True, slots=True)
class ProxiedReads:
    """Counts into the usage of a projection (`store`) what the audit log in `main` tells of sources, by their names."""

    main: Store
    store: Store
    sources: Mapping[str, ServedSource]

    async def count(self, now: datetime) -> None:
        """Count all hours that are over and not counted yet; twice is once. Raises UnavailableError."""
        if not self.sources:
            return
        oldest, end = _hour(now - timedelta(days=USAGE_DAYS)), _hour(now - _LATE)
        start = max(await counted_until(self.store, TELLER) or 0, oldest)
        while start < end:
            until = min(start + _STEP_HOURS, end)
            await self._count(start, until)
            start = until

    async def _count(self, start: int, until: int) -> None:
        by_hour: dict[int, _Counts] = defaultdict(Counter)
        intents: dict[Place, Statement] = {}
        async for each in statements_between(self.main, _time(start), _time(until)):
            told = intents.pop(each.of, None) if each.of is not None else each
            if told is not None:
                again = int(each.target.get("executions", "1")) - 1 if told is not each else 1
                self._add(by_hour[_hour(told.at)], told, again)
            if each.of is None:
                intents[each.place] = each
        usages = {digest_of([TELLER, hour]): _rows(hour, counts) for hour, counts in by_hour.items()}
        async with writing(self.store) as connection:
            await save_usage(connection, usages, USAGE_DAYS)
            await note_counted(connection, TELLER, until)

    def _add(self, counts: _Counts, statement: Statement, times: int) -> None:
        source = self.sources.get(statement.target.get("source", ""))
        if source is None or times < 1:
            return
        for name, fields in _columns(source, statement.target).items():
            for field in ("", *fields):
                counts[node_key(name.id), field, statement.account] += times


def _columns(source: ServedSource, target: Mapping[str, str]) -> Mapping[DatasetName, set[str]]:
    """Give the columns that a statement reads; names with dots in them are left out."""
    masked = (each.rpartition(":")[0] for each in orjson.loads(target.get("masked", "[]")))
    found: dict[DatasetName, set[str]] = defaultdict(set)
    for each in (*masked, *orjson.loads(target.get("clear", "[]"))):
        parts = each.split(".")
        if len(parts) == 3:
            name = canonical(DatasetName(source.namespace, joined(source.database, *parts[:2])))
            found[name].add(canonical_field(source.namespace, parts[2]))
    return found


def _rows(hour: int, counts: _Counts) -> list[UsageRow]:
    unit, day = digest_of([TELLER, hour]), hour // 24
    return [UsageRow(unit, key, field, account, day, count) for (key, field, account), count in sorted(counts.items())]


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // _HOUR_S


def _time(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * _HOUR_S, UTC)
