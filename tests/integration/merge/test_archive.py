"""The log as a file: whole, sealed, checked, and as good as the log that it comes from."""

from __future__ import annotations

import gzip
import random
import shutil
import tarfile
from datetime import timedelta
from pathlib import Path

import pytest

from nexus_core.errors import ConfigurationError
from nexus_core.eventlog.archive import read_parts, verify
from nexus_core.eventlog.archiving import export_log, import_log
from nexus_core.graph.hash import graph_hash
from nexus_core.settings import GraphSettings, Settings
from nexus_core.sql import ParsePool
from nexus_core.store.database import open_store
from nexus_core.store.migration import migrate
from tests.merging import EPOCH, Merging, dataset, envelope, merging, run_event

pytestmark = pytest.mark.service

CANARY = "canary-7319"


def load(number: int) -> dict:
    column = "a" if number % 3 else "b"
    sql = f"insert into public.d{number % 4} ({column}) select {column} from public.s where note = '{CANARY}'"
    job = f"job{number % 4}"
    return run_event("COMPLETE", number, f"r{number}", job, sql, [dataset("s")], [dataset(f"d{number % 4}")])


async def test_an_export_and_the_rest_give_the_same_graph(neo4j: GraphSettings, tmp_path: Path) -> None:
    made = [envelope(load(number)) for number in range(24)]
    random.Random(3).shuffle(made)
    until = EPOCH + timedelta(minutes=15)
    async with ParsePool(seconds=30, memory_mb=1024) as parser:
        async with merging(neo4j, tmp_path / "first", parser) as first:
            await first.merge(*made)
            whole = await graph_hash(first.graph, bitemporal=True)
            count = await export_log(first.store, Settings(data_dir=tmp_path / "first"), tmp_path / "log.tar", until)
        (tmp_path / "second").mkdir()
        shutil.copy(tmp_path / "first" / "secrets-key", tmp_path / "second")
        async with merging(neo4j, tmp_path / "second", parser) as second:
            settings = Settings(data_dir=tmp_path / "second")
            assert await import_log(second.store, settings, tmp_path / "log.tar") == (count, count)
            assert await import_log(second.store, settings, tmp_path / "log.tar") == (count, 0)
            await second.merge()
            assert await graph_hash(second.graph, bitemporal=True) != whole
            await second.merge(*made)
            assert await graph_hash(second.graph, bitemporal=True) == whole
    assert count == sum(one.accepted_at <= until for one in made)


async def test_what_is_sealed_stays_sealed_and_damage_is_told(merge: Merging, tmp_path: Path) -> None:
    await merge.merge(*(envelope(load(number)) for number in range(5)))
    file, damaged = tmp_path / "log.tar", tmp_path / "damaged.tar"
    await export_log(merge.store, Settings(data_dir=tmp_path), file, EPOCH + timedelta(days=1))
    assert file.stat().st_mode & 0o777 == 0o600
    manifest = verify(file)
    with tarfile.open(file) as tar:
        parts = [tar.extractfile(part["name"]) for part in manifest.parts]
        assert CANARY.encode() not in b"".join(gzip.decompress(part.read()) for part in parts if part)
    assert len([row for rows in read_parts(file, manifest) for row in rows]) == 5
    content = bytearray(file.read_bytes())
    content[600] ^= 1
    damaged.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"damaged|no whole export"):
        verify(damaged)
    damaged.write_bytes(file.read_bytes()[:1500])
    with pytest.raises(ConfigurationError, match="no whole export"):
        verify(damaged)


async def test_a_file_of_another_key_is_refused_before_anything_is_written(merge: Merging, tmp_path: Path) -> None:
    await merge.merge(envelope(load(1)))
    await export_log(merge.store, Settings(data_dir=tmp_path), tmp_path / "log.tar", EPOCH + timedelta(days=1))
    other = tmp_path / "other"
    other.mkdir()
    settings = Settings(data_dir=other)
    await migrate(settings.store_url)
    store = open_store(settings.store_url)
    with pytest.raises(ConfigurationError, match="is gone"):
        await import_log(store, settings, tmp_path / "log.tar")
    (other / "secrets-key").write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")
    with pytest.raises(ConfigurationError, match="another key"):
        await import_log(store, settings, tmp_path / "log.tar")
    await store.dispose()
