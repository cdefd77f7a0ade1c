"""The log works in a partitioned table, made by the statements of docs/scaling.md."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest

from nexus_core.eventlog.opening import open_log
from nexus_core.eventlog.partition import ALL_PARTITIONS
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate
from tests import services
from tests.merging import dataset, dataset_event, envelope
from tests.stores import postgresql_settings

pytestmark = pytest.mark.service

SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"


async def test_a_partitioned_log_takes_up_where_the_whole_one_was(
    postgresql: services.PostgreSQL, tmp_path: Path
) -> None:
    settings = await postgresql_settings(postgresql, tmp_path)
    store = open_store(settings.store_url)
    try:
        log = await open_log(store, settings)
        sent = [envelope(dataset_event(number, dataset(f"t{number}"))) for number in range(40)]
        assert await log.append(sent[:20]) == [True] * 20
        await store.dispose()
        partition(settings.store_url)
        await migrate(settings.store_url)
        assert await log.append(sent) == [False] * 20 + [True] * 20
        assert await log.pending(ALL_PARTITIONS, 100) == sent
        await log.mark_merged([each.id for each in sent[:30]])
        assert await log.pending(ALL_PARTITIONS, 100) == sent[30:]
        assert await log.lag() == 10
        positions = [position for position, _ in await log.scan(0, 100)]
        assert positions == sorted(set(positions))
        assert [each for _, each in await log.scan(0, 100)] == sent
        await log.aclose()
    finally:
        await store.dispose()


def partition(url: str) -> None:
    statements = re.search(r"```sql\n(BEGIN;.*?)```", SCALING.read_text(), re.DOTALL)
    assert statements is not None
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statements[1].encode())
        parts = connection.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass").fetchone()
    assert parts == (16,)
