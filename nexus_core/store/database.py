"""Opens the SQL store: SQLite in WAL mode with durable commits, or PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from nexus_core.errors import UnavailableError

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


@asynccontextmanager
async def reading(store: Store) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that only reads; raises UnavailableError if the store fails."""
    with _translated():
        async with reader(store).connect() as connection:
            yield connection


@asynccontextmanager
async def writing(store: Store) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that is durable once left; raises UnavailableError if the store fails."""
    with _translated():
        async with store.begin() as connection:
            yield connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's failures into ours, but for a broken uniqueness, which callers expect."""
    try:
        yield
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise UnavailableError("The store", f"{type(cause).__name__}: {_first_line(cause)}") from error


def _first_line(error: BaseException) -> str:
    """Give an error's own words without the statement's parameters, which may be personal."""
    return next(iter(str(error).splitlines()), "")[:200]
