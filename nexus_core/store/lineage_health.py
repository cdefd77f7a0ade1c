"""What the store knows of gaps in lineage: SQL that was not understood, names that nobody described."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from nexus_core.model.access import Scope
from nexus_core.model.names import DatasetName
from nexus_core.store.names import Connection
from nexus_core.store.names_rows import SqlReadingRow
from nexus_core.store.names_tables import NOT_DESCRIBED, name_pair, named, sql_reading
from nexus_core.store.scope_condition import seen_rows

_INCOMPLETE_MOST = 20_000
_UNKNOWN = (NOT_DESCRIBED, ~named.c.harvested)


async def readings_by_dialect(connection: Connection) -> list[tuple[str, bool, int]]:
    """Count jobs with SQL as `(dialect, whether all of it was understood, count)`."""
    query = select(sql_reading.c.dialect, sql_reading.c.complete, func.count()).group_by(
        sql_reading.c.dialect, sql_reading.c.complete
    )
    return [(dialect, bool(complete), count) for dialect, complete, count in await connection.execute(query)]


async def incomplete_readings(connection: Connection) -> list[SqlReadingRow]:
    """Give the jobs whose SQL was not understood completely, the latest first, at most 20,000."""
    query = select(sql_reading).where(~sql_reading.c.complete).order_by(sql_reading.c.valid_at.desc())
    return [SqlReadingRow(*row) for row in await connection.execute(query.limit(_INCOMPLETE_MOST))]


async def undescribed_by_namespace(connection: Connection, scope: Scope) -> dict[str, int]:
    """Count the datasets that something names and nothing describes, of those that a scope sees."""
    seen = seen_rows(scope, connection.dialect.name, named.name)
    query = select(named.c.namespace, func.count()).where(*_UNKNOWN, seen).group_by(named.c.namespace)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def undescribed(connection: Connection, scope: Scope, namespaces: Sequence[str], limit: int) -> list[DatasetName]:
    """Give some of them, by name."""
    seen = seen_rows(scope, connection.dialect.name, named.name)
    query = select(named.c.namespace, named.c.name).where(*_UNKNOWN, named.c.namespace.in_(namespaces[:500]), seen)
    rows = await connection.execute(query.order_by(named.c.namespace, named.c.name).limit(limit))
    return [DatasetName(*row) for row in rows]


async def proposals_by_reason(connection: Connection) -> dict[str, int]:
    """Count the pairs of names that wait for a decision."""
    query = select(name_pair.c.reason, func.count()).where(name_pair.c.state == "open", name_pair.c.score > 0)
    return {row[0]: row[1] for row in await connection.execute(query.group_by(name_pair.c.reason))}
