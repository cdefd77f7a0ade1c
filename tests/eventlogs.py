"""The logs that the contract suite runs through, by kind; a new kind adds its line to `LOGS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.settings import Settings
from nexus_core.store.database import Store, open_store, writing
from tests import services
from tests.stores import postgresql_settings, sqlite_settings


@dataclass
class Home:
    """Where an empty log lies.

    `store` is its SQL store, `open` gives the log as another process would open it, and it fails within `broken`.
    """

    settings: Settings
    store: Store
    open: Callable[[], Awaitable[EventLog]]
    broken: Callable[[], AbstractAsyncContextManager[None]]


Making = Callable[[pytest.FixtureRequest, Path], AbstractAsyncContextManager[Home]]


@asynccontextmanager
async def _sqlite(_request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Home]:
    async with _home(await sqlite_settings(folder)) as home:
        yield home


@asynccontextmanager
async def _postgresql(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Home]:
    server: services.PostgreSQL = request.getfixturevalue("postgresql")
    async with _home(await postgresql_settings(server, folder)) as home:
        yield home


@asynccontextmanager
async def _home(settings: Settings) -> AsyncIterator[Home]:
    store = open_store(settings.store_url)

    async def opened() -> EventLog:
        return await open_log(store, settings)

    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        await _rename(store, "events", "events_elsewhere")
        yield
        await _rename(store, "events_elsewhere", "events")

    try:
        yield Home(settings, store, opened, broken)
    finally:
        await store.dispose()


async def _rename(store: Store, table: str, name: str) -> None:
    async with writing(store) as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


LOGS: dict[str, Making] = {"sqlite": _sqlite, "postgresql": _postgresql}
