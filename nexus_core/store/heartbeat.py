"""Signs of life of the processes that share a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Table, Text, cast, func, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.store.database import Store, reading, writing
from nexus_core.store.metadata import UtcDateTime, metadata

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)


async def beat(store: Store, name: str) -> None:
    """Note that a process lives, such as `worker`; also shows that the store can be written."""
    dialect = postgresql if store.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(heartbeat).values({"name": name, "at": _now(store)})
    async with writing(store) as connection:
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"at": statement.excluded["at"]})
        )


async def silence(store: Store, name: str) -> timedelta | None:
    """Tell how long ago a process last gave a sign of life, None if it never did."""
    query = select(heartbeat.c.at, type_coerce(_now(store), UtcDateTime)).where(heartbeat.c.name == name)
    async with reading(store) as connection:
        row = (await connection.execute(query)).one_or_none()
    return None if row is None else row[1] - row[0]


def _now(store: Store) -> Any:
    """Give the one clock that all processes of a store share: PostgreSQL's, or that of the machine."""
    if store.dialect.name == "postgresql":
        return cast(func.extract("epoch", func.clock_timestamp()) * 1_000_000, BigInteger)
    return datetime.now(UTC)
