"""Signs of life of the processes that share a store."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Column, Table, Text, select
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
    row = {"name": name, "at": datetime.now(UTC)}
    statement = dialect.insert(heartbeat).values(row)
    async with writing(store) as connection:
        await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": row["at"]}))


async def last_beat(store: Store, name: str) -> datetime | None:
    """Tell when a process last gave a sign of life."""
    async with reading(store) as connection:
        return (await connection.execute(select(heartbeat.c.at).where(heartbeat.c.name == name))).scalar_one_or_none()
