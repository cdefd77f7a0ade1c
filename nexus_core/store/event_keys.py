"""The key store: keys of events by month and principal. What is deleted here is gone for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from nexus_core.store.database import Store, open_store, reading, writing
from nexus_core.store.key_tables import event_key, key_metadata

KeyName = tuple[str, str]
"""Month (`2026-11`, of acceptance in UTC) and principal."""

_row = event_key.c


async def open_key_store(url: str) -> Store:
    """Open the key store, and make its table where it is not there; raises UnavailableError and ConfigurationError."""
    store = open_store(url, trace=False)
    async with writing(store) as connection:
        await connection.run_sync(key_metadata.create_all)
    return store


async def read_keys(store: Store, names: Collection[KeyName]) -> dict[KeyName, bytes]:
    """Give the sealed keys that there are."""
    query = select(event_key).where(tuple_(_row.month, _row.principal).in_(sorted(names)))
    async with reading(store) as connection:
        return {(month, principal): nodes for month, principal, nodes in await connection.execute(query)}


async def all_keys(store: Store) -> dict[KeyName, bytes]:
    """Give every sealed key."""
    async with reading(store) as connection:
        return {(month, principal): nodes for month, principal, nodes in await connection.execute(select(event_key))}


async def add_keys(store: Store, keys: Mapping[KeyName, bytes]) -> None:
    """Add keys; those that another process added first stay."""
    dialect = postgresql if store.dialect.name == "postgresql" else sqlite
    rows = [{"month": month, "principal": principal, "nodes": nodes} for (month, principal), nodes in keys.items()]
    async with writing(store) as connection:
        await connection.execute(dialect.insert(event_key).on_conflict_do_nothing(), rows)


async def replace_key(store: Store, name: KeyName, before: bytes, after: bytes) -> bool:
    """Put a key in another's place; False if that is not there any more."""
    mine = (_row.month == name[0], _row.principal == name[1], _row.nodes == before)
    async with writing(store) as connection:
        done = await connection.execute(update(event_key).where(*mine).values(nodes=after))
        return bool(done.rowcount)


async def forget_deleted(store: Store) -> None:
    """Let no copy of replaced keys stay in PostgreSQL's table; SQLite keeps none."""
    if store.dialect.name == "postgresql":
        async with store.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            await connection.execute(text("VACUUM FULL event_key"))
