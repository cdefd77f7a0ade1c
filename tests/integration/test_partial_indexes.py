"""SQLite takes a partial index only for a query that repeats its condition word by word: each must be taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event

from nexus_core.model.access import EVERYTHING
from nexus_core.model.partition import ALL_PARTITIONS
from nexus_core.settings import Settings
from nexus_core.store import lineage_health
from nexus_core.store.database import open_store, reading
from nexus_core.store.ledger import Snapshot
from nexus_core.store.migration import migrate
from nexus_core.store.names import names_to_compare


async def test_what_is_pending_or_new_is_found_by_its_index(tmp_path: Path) -> None:
    url = Settings(data_dir=tmp_path).store_url
    await migrate(url)
    store = open_store(url)
    queries: list[tuple[str, Any]] = []
    event.listen(store.sync_engine, "before_cursor_execute", lambda *told: queries.append((told[2], told[3])))
    async with reading(store) as connection:
        await Snapshot(connection).pending(ALL_PARTITIONS, 10)
        await names_to_compare(connection, 10)
        await lineage_health.undescribed_by_namespace(connection, EVERYTHING)
        asked = [query for query in queries if query[0].startswith("SELECT")]
        plans = []
        for text, parameters in asked:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)
            plans.append(" ".join(str(row[3]) for row in rows))
    await store.dispose()
    indexes = ("ix_dataset_pending", "ix_job_pending", "ix_evidence_pending", "ix_named_new", "ix_named_unknown")
    assert [index for plan, index in zip(plans, indexes, strict=True) if index not in plan] == [], plans
