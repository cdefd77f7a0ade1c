"""Empty, migrated stores of both kinds for tests; migrating takes long, so each kind is migrated once and copied."""

from __future__ import annotations

import asyncio
import atexit
import base64
import itertools
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from nexus_core.settings import SecretsSettings, Settings, StoreSettings
from nexus_core.store.migration import migrate
from tests.services import PostgreSQL

KEY = SecretsSettings(key=SecretStr(base64.b64encode(bytes(32)).decode()))
"""The key of stores that lie in PostgreSQL."""

_numbers = itertools.count()


async def sqlite_settings(folder: Path) -> Settings:
    """Settings of a new SQLite store in a folder."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 tests have nothing else to do meanwhile
    shutil.copy(await _migrated(), folder / "nexus.db")
    return Settings.load(data_dir=folder)


async def postgresql_settings(server: PostgreSQL, folder: Path) -> Settings:
    """Settings of a new database of a server; the folder is for what does not lie in the store."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 tests have nothing else to do meanwhile
    await _prepare(server)
    name = f"nexus_{os.getpid()}_{next(_numbers)}"
    await asyncio.to_thread(_execute, server, f"CREATE DATABASE {name} TEMPLATE nexus_empty STRATEGY file_copy")
    secrets = KEY.model_copy(update={"keys_url": keys_in(folder)})
    return Settings.load(data_dir=folder, store=StoreSettings(url=server.url(name)), secrets=secrets)


def keys_in(folder: Path) -> str:
    """A key store in a folder, as processes of one machine may share it."""
    return f"sqlite+aiosqlite:///{folder / 'event-keys.db'}"


async def _prepare(server: PostgreSQL) -> None:
    if not await asyncio.to_thread(_exists, server):
        await asyncio.to_thread(_execute, server, "CREATE DATABASE nexus_empty")
        await migrate(server.url("nexus_empty"))


def _exists(server: PostgreSQL) -> bool:
    with psycopg.connect(server.url()) as connection:
        return connection.execute("SELECT 1 FROM pg_database WHERE datname = 'nexus_empty'").fetchone() is not None


def _execute(server: PostgreSQL, statement: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(statement)


async def _migrated() -> Path:
    folder = Path(tempfile.gettempdir()) / f"nexus-empty-store-{os.getpid()}"
    if not (folder / "done").exists():
        folder.mkdir(exist_ok=True)
        await migrate(f"sqlite+aiosqlite:///{folder / 'nexus.db'}")
        (folder / "done").touch()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder / "nexus.db"


async def _sqlite(_request: pytest.FixtureRequest, folder: Path) -> Settings:
    return await sqlite_settings(folder)


async def _postgresql(request: pytest.FixtureRequest, folder: Path) -> Settings:
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return await postgresql_settings(server, folder)


STORES: dict[str, Callable[[pytest.FixtureRequest, Path], Awaitable[Settings]]] = {
    "sqlite": _sqlite,
    "postgresql": _postgresql,
}
"""How to make an empty store of each kind, for fixtures with a parameter."""
