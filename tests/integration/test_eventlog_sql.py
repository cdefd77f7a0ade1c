"""What is particular to the logs in the SQL store: sealed texts, keys, and PostgreSQL's transactions."""

import asyncio
import sqlite3

import pytest
from pydantic import SecretStr

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.eventlog.positions import announce
from nexus_core.settings import SecretsSettings, Settings
from nexus_core.store.database import open_store, writing
from nexus_core.store.event_tables import events
from tests.contract.test_eventlog import CANARY, envelope
from tests.stores import postgresql_settings, sqlite_settings


@pytest.fixture
async def store(tmp_path):
    store = open_store((await sqlite_settings(tmp_path)).store_url)
    yield store
    await store.dispose()


@pytest.fixture
async def log(store, tmp_path):
    return await open_log(store, Settings(data_dir=tmp_path))


async def test_literals_lie_nowhere_in_clear(log, tmp_path):
    await log.append([envelope(number) for number in range(20)])
    for path in tmp_path.iterdir():
        assert CANARY.encode() not in path.read_bytes(), path.name


async def test_a_lost_or_wrong_key_is_explained(log, store, tmp_path):
    (tmp_path / "secrets-key").unlink()
    with pytest.raises(ConfigurationError, match="is gone"):
        await open_log(store, Settings(data_dir=tmp_path))
    wrong = SecretsSettings(key=SecretStr("A" * 42 + "E="))
    with pytest.raises(ConfigurationError, match="not the one"):
        await open_log(store, Settings(data_dir=tmp_path, secrets=wrong))


def test_the_key_file_is_private(log, tmp_path):
    assert (tmp_path / "secrets-key").stat().st_mode & 0o077 == 0


async def test_the_file_is_sound(log, tmp_path):
    await asyncio.gather(*(log.append([envelope(number)]) for number in range(50)))
    with sqlite3.connect(tmp_path / "nexus.db") as check:
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()


async def test_a_transaction_that_commits_late_is_not_passed_over(postgresql, tmp_path):
    settings = await postgresql_settings(postgresql, tmp_path)
    store = open_store(settings.store_url)
    log = await open_log(store, settings)
    await log.append([envelope(1)])
    async with writing(store) as late:  # another API process, slow between its insert and its commit
        await announce(late)
        await late.execute(events.insert(), await log._sealed([envelope(2)]))
        await log.append([envelope(3)])
        assert [one for _, one in await log.scan(0, 10)] == [envelope(1)]
        assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1), envelope(3)]
        await log.mark_merged([envelope(3).id])
    assert [one for _, one in await log.scan(0, 10)] == [envelope(1), envelope(2), envelope(3)]
    assert await log.pending(ALL_PARTITIONS, 10) == [envelope(1), envelope(2)]
    await store.dispose()
