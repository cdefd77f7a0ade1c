"""Opens the SQL store: SQLite in WAL mode with durable commits, or PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Store = AsyncEngine
"""A pool of connections to the store; layers above hand it on and never call it."""

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an answered event survives a power cut
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
)


def open_store(url: str) -> Store:
    """Give an engine whose every transaction is a write one from its start, so that two writers never deadlock.

    Use `engine.connect()` for reads and `engine.begin()` for writes. Reads of SQLite are snapshots (WAL).
    """
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
    connection.isolation_level = None  # SQLAlchemy's BEGIN below replaces the driver's own


def _begin(connection: Any) -> None:
    reading = connection.get_execution_options().get("nexus_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def reader(engine: Store) -> Store:
    """Give the same engine for transactions that only read, which never wait for a writer."""
    return engine.execution_options(nexus_read=True)
