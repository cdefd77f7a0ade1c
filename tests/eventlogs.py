"""The logs that the contract suite runs through, by kind; a new kind adds its line to `LOGS`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nexus_core.eventlog.log import EventLog
from nexus_core.eventlog.opening import open_log
from nexus_core.settings import EventLogSettings, Settings
from nexus_core.store.database import Store, open_store, writing
from tests import services
from tests.kafka_broker import Kafka
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

    logs: list[EventLog] = []

    async def opened() -> EventLog:
        logs.append(await open_log(store, settings))
        return logs[-1]

    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        await _rename(store, "events", "events_elsewhere")
        yield
        await _rename(store, "events_elsewhere", "events")

    try:
        yield Home(settings, store, opened, broken)
    finally:
        for log in logs:
            await log.aclose()
        await store.dispose()


async def _rename(store: Store, table: str, name: str) -> None:
    async with writing(store) as connection:
        await connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))


@asynccontextmanager
async def _kafka(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Home]:
    broker: Kafka = request.getfixturevalue("kafka")
    topic = f"events-{folder.name}"
    settings = (await sqlite_settings(folder)).model_copy(update={"eventlog": kafka_settings(broker, topic)})
    async with _home(settings) as home:
        yield home


def kafka_settings(broker: Kafka, topic: str, **given: Any) -> EventLogSettings:
    """A log in a topic of a broker that stands alone."""
    alone = {"replication_factor": 1, "min_insync_replicas": 1, "timeout_s": 30}  # a busy machine is no failure
    return EventLogSettings(kind="kafka", bootstrap_servers=broker.bootstrap, topic=topic, **alone | given)


def environment_of(settings: Settings) -> dict[str, str]:
    """Variables by which another process opens the same log."""
    given = {"NEXUS_DATA_DIR": str(settings.data_dir)}
    if settings.store.url and settings.secrets.key:
        given["NEXUS_STORE__URL"] = settings.store.url
        given["NEXUS_SECRETS__KEY"] = settings.secrets.key.get_secret_value()
        given["NEXUS_SECRETS__KEYS_URL"] = settings.secrets.keys_url or ""
    if settings.eventlog.kind != "sql":
        named = settings.eventlog.model_dump(exclude={"options"})
        given |= {f"NEXUS_EVENTLOG__{name}".upper(): str(value) for name, value in named.items()}
    return given


LOGS: dict[str, Making] = {"sqlite": _sqlite, "postgresql": _postgresql, "kafka": _kafka}
