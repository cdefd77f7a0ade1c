"""Opens the SQL store: SQLite in WAL mode with durable commits, or PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from nexus_core.errors import ConfigurationError, UnavailableError
from nexus_core.store.sqlite_connection import connect

Store = AsyncEngine
"""A pool of connections to the store; layers above hand it on and never call it."""

_SQLITE_JOURNAL = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA wal_autocheckpoint=4000",  # pages: most are written again before, and go into the file once
)
_NOTHING_KEPT: dict[str, Any] = {"poolclass": NullPool}
_SQLITE_WITHOUT_TRACE = ("PRAGMA journal_mode=DELETE", "PRAGMA secure_delete=ON")
_SQLITE_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # an answered event survives a power cut
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8192",  # KiB of each connection: the system keeps the file's pages too, once for all
)


_POSTGRESQL = re.compile(r"postgres(ql)?(\+psycopg)?://")

_POSTGRESQL_ARGS = {
    "connect_timeout": 5,
    "application_name": "lineage-nexus",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

# A process that is stopped within a write must not hold its locks for long: PostgreSQL ends the transaction.
_WRITES_END = text("SET LOCAL idle_in_transaction_session_timeout = '10s'")

_CONTENTION = {"40001", "40P01"}  # serialization_failure, deadlock_detected


def open_store(url: str, *, trace: bool = True) -> Store:
    """Give an engine for `sqlite+aiosqlite://` or `postgresql://`; raises ConfigurationError for another.

    Without `trace` SQLite overwrites what is deleted and keeps no copy of it in a log, and no connection stays open:
    for what is seldom read and must be forgotten.

    SQLite's write transactions are such from their start, so that two writers never deadlock; its reads are snapshots
    (WAL). PostgreSQL's read what is committed, statement by statement, unless opened by `snapshot`.
    """
    try:
        return _postgresql(url, trace) if _POSTGRESQL.match(url) else _sqlite(url, trace)
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"The driver {error.name} of the store is not installed", "Run `pip install 'lineage-nexus[postgresql]'`"
        ) from error
    except ArgumentError as error:
        raise ConfigurationError(f"NEXUS_STORE__URL is no URL: {error}", "See docs/operations.md") from error


def _postgresql(url: str, trace: bool) -> Store:
    full = _POSTGRESQL.sub("postgresql+psycopg://", url, count=1)
    pool: dict[str, Any] = {"pool_pre_ping": True} if trace else _NOTHING_KEPT
    return create_async_engine(full, connect_args=_POSTGRESQL_ARGS, **pool)


def _sqlite(url: str, trace: bool) -> Store:
    if not url.startswith("sqlite+aiosqlite://"):
        raise ConfigurationError(
            f"NEXUS_STORE__URL names {url.partition(':')[0]}, which is no store",
            "Use postgresql://USER:PASSWORD@HOST/DATABASE, or leave it out for SQLite in the data folder",
        )
    pool = {} if trace else _NOTHING_KEPT
    engine = create_async_engine(url, connect_args={"async_creator_fn": connect}, **pool)
    journal = _SQLITE_JOURNAL if trace else _SQLITE_WITHOUT_TRACE
    event.listen(engine.sync_engine, "connect", partial(_prepare, journal))
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(journal: Sequence[str], connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (*journal, *_SQLITE_PRAGMAS):
        cursor.execute(pragma)
    cursor.close()
    connection.isolation_level = None  # SQLAlchemy's BEGIN below replaces the driver's own


def _begin(connection: Any) -> None:
    reading = connection.get_execution_options().get("nexus_read", False)
    connection.connection.driver_connection.begins = "BEGIN" if reading else "BEGIN IMMEDIATE"


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
async def snapshot(store: Store) -> AsyncIterator[AsyncConnection]:
    """Open a transaction all of whose reads are of one moment; raises UnavailableError if the store fails."""
    if store.dialect.name == "postgresql":
        store = store.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    async with reading(store) as connection:
        yield connection


@asynccontextmanager
async def writing(store: Store) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that is durable once left; raises UnavailableError if the store fails."""
    with _translated():
        async with store.begin() as connection:
            if connection.dialect.name == "postgresql":
                await connection.execute(_WRITES_END)
            yield connection


def was_contention(error: UnavailableError) -> bool:
    """Tell whether PostgreSQL ended a transaction in favour of another, so that the same one again is right at once."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlstate", None) in _CONTENTION


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
