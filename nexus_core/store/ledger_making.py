"""Makes the ledger of a further projection, and removes it.

It has every table of the store, made by the same migrations, so that the same code runs on it; the tables of the log,
of accounts and of projections stay empty in it (docs/decisions/0006-projections.md).
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Table, delete, make_url, text
from sqlalchemy.schema import CreateSchema, DropSchema

from nexus_core.store import (
    account_tables,
    audit_tables,
    catalogue_tables,
    class_tables,
    curation_tables,
    event_tables,
    heartbeat,
    hold_tables,
    masking_tables,
    policy_tables,
    processing_tables,
    projection_tables,
    proxy_login_tables,
    quality_tables,
    request_tables,
    role_tables,
)
from nexus_core.store.database import open_store, writing
from nexus_core.store.ledger_place import ledger_url
from nexus_core.store.migration import migrate
from nexus_core.store.tables import metadata

_OF_MAIN = (
    account_tables,
    audit_tables,
    curation_tables,
    event_tables,
    hold_tables,
    masking_tables,
    policy_tables,
    processing_tables,
    proxy_login_tables,
    request_tables,
    role_tables,
)
MAIN_TABLES = {
    projection_tables.projection.name,
    quality_tables.incident.name,
    heartbeat.heartbeat.name,
    *(table.name for table in class_tables.ENFORCED),
    *(table.name for module in _OF_MAIN for table in vars(module).values() if isinstance(table, Table)),
}
"""Tables that are of the log, of people and of what is enforced, not of a projection."""


async def make_ledger(main_url: str, ledger: str) -> None:
    """Make a ledger, or bring it to the form that this version needs."""
    if ledger and make_url(main_url).get_backend_name() == "postgresql":
        await _run(main_url, CreateSchema(ledger, if_not_exists=True))
    await migrate(ledger_url(main_url, ledger))


async def drop_ledger(main_url: str, ledger: str) -> None:
    """Remove a ledger; of the main store only what belongs to its projection is emptied."""
    if not ledger:
        await _empty(main_url)
    elif make_url(main_url).get_backend_name() == "postgresql":
        await _run(main_url, DropSchema(ledger, cascade=True, if_exists=True))
    else:
        _remove(make_url(ledger_url(main_url, ledger)).database or "")


def _remove(file: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


async def _empty(main_url: str) -> None:
    store = open_store(main_url)
    try:
        async with writing(store) as connection:
            for table in metadata.sorted_tables:
                if table.name not in MAIN_TABLES:
                    await connection.execute(delete(table))
            if connection.dialect.name == "sqlite":
                for name in catalogue_tables.FULL_TEXT_TABLES:
                    await connection.execute(text(f"DELETE FROM {name}"))
    finally:
        await store.dispose()


async def _run(url: str, statement: CreateSchema | DropSchema) -> None:
    store = open_store(url)
    try:
        async with writing(store) as connection:
            await connection.execute(statement)
    finally:
        await store.dispose()
